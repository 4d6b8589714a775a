/** Writes a large object in parts, several at a time. */

import type { CompletedPart, CreateMultipartUploadCommandInput, S3Client } from "@aws-sdk/client-s3";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

const MIN_PART_BYTES = 16 * 1024 * 1024; // S3 takes 5 MiB; fewer parts cost fewer requests
const MAX_PARTS = 10_000;
const PARTS_AT_ONCE = 4;

export interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  /** `*`: only when there is no such object yet. */
  readonly IfNoneMatch?: string;
  /** Told when the upload is created, and with nothing that follows. */
  readonly encryption?: Encryption;
}

export type Encryption = Pick<
  CreateMultipartUploadCommandInput,
  "ServerSideEncryption" | "SSEKMSKeyId" | "BucketKeyEnabled"
>;

/** All or nothing: when a part fails, the others are stopped and the upload is given up. */
export async function uploadInParts(
  client: S3Client,
  { IfNoneMatch, encryption, ...target }: Upload,
  body: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const created = await client.send(
    new CreateMultipartUploadCommand({ ...target, ...encryption }),
    sendOptions(signal),
  );
  const upload = { ...target, UploadId: created.UploadId };
  try {
    const parts = await uploadParts(client, upload, body, signal);
    const complete = { ...upload, MultipartUpload: { Parts: parts }, IfNoneMatch };
    await client.send(new CompleteMultipartUploadCommand(complete), sendOptions(signal)).catch(forgiveLostReply);
  } catch (error) {
    // Parts that nobody completes are stored, and paid, until a lifecycle rule takes them. The first error is what counts.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** An upload that is gone when its completion is sent again was completed by the first request, whose reply was lost. */
function forgiveLostReply(error: unknown): void {
  const wasCompleted =
    error instanceof S3ServiceException && error.name === "NoSuchUpload" && (error.$metadata.attempts ?? 1) > 1;
  if (!wasCompleted) throw error;
}

type OpenUpload = Omit<Upload, "IfNoneMatch" | "encryption"> & { readonly UploadId: string | undefined };

async function uploadParts(
  client: S3Client,
  upload: OpenUpload,
  body: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(MIN_PART_BYTES, Math.ceil(body.byteLength / MAX_PARTS));
  const parts = new Array<CompletedPart>(Math.ceil(body.byteLength / partBytes));
  const failed = new AbortController();
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  let next = 0;
  const uploadNext = async (): Promise<void> => {
    while (next < parts.length && !either.aborted) {
      const index = next++;
      const Body = body.subarray(index * partBytes, (index + 1) * partBytes);
      const command = new UploadPartCommand({ ...upload, PartNumber: index + 1, Body });
      const { ETag } = await client.send(command, sendOptions(either));
      // The SDK sends each part with a checksum, which S3 verifies. It must not be listed here: S3 refuses to complete an
      // upload that was created without a checksum algorithm when its parts are listed with checksums.
      parts[index] = { PartNumber: index + 1, ETag };
    }
  };
  const lanes = Array.from({ length: PARTS_AT_ONCE }, () => uploadNext());
  try {
    await Promise.all(lanes);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(lanes);
    throw error;
  }
  signal?.throwIfAborted();
  return parts;
}

/** The SDK's form of our call options. */
export function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
