/** What a check of the store contract gets to work with. */

import { randomUUID } from "node:crypto";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { PutObjectCommandInput, S3ClientConfig } from "@aws-sdk/client-s3";
import { createS3Store } from "../../src/store/s3-store.ts";
import type { Store } from "../../src/store/store.ts";

/** A running S3, ours or another's. */
export interface StoreEndpoint extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The SDK's two ways with checksums: its default, and the one for stores that know none. */
export type ChecksumSetting = "WHEN_SUPPORTED" | "WHEN_REQUIRED";

export interface StoreLab {
  readonly client: S3Client;
  /** Fresh and empty. */
  readonly bucket: string;
  readonly store: Store;
  readonly checksums: ChecksumSetting;
  readonly put: (key: string, more?: Partial<PutObjectCommandInput>) => Promise<{ readonly etag: string }>;
  readonly text: (key: string) => Promise<string>;
}

export interface StoreCheck {
  /** Names the check in lists of known deviations. */
  readonly id: string;
  /** A sentence. */
  readonly title: string;
  run(lab: StoreLab): Promise<void>;
}

export function openClient(at: StoreEndpoint, checksums: ChecksumSetting, more: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint: at.endpoint,
    region: at.region,
    credentials: at.credentials,
    forcePathStyle: true,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    ...more,
  });
}

export async function openLab(client: S3Client, checksums: ChecksumSetting): Promise<StoreLab> {
  const bucket = `contract-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    client,
    bucket,
    store: createS3Store(client, bucket),
    checksums,
    put: async (key, more = {}) => {
      const output = await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x", ...more }));
      return { etag: output.ETag ?? "" };
    },
    text: async (key) => {
      const output = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await output.Body?.transformToString()) ?? "";
    },
  };
}

export async function listAll(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys;
}

/** How a rejection of the SDK looks, for `rejects.toMatchObject`. */
export function s3Error(name: string, httpStatusCode: number): object {
  return { name, $metadata: { httpStatusCode } };
}

/** Bytes that differ along the way, so that a shifted or swapped piece shows. */
export function patternBytes(count: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  let state = seed;
  for (let index = 0; index < count; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
