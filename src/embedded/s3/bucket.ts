/** A bucket: its objects, their keys in order, and the multipart uploads under way. */

import type { Body } from "./body-store.ts";
import type { Checksum, ChecksumAlgorithm } from "./checksum.ts";
import type { ListPage, ListQuery } from "./key-index.ts";
import { KeyIndex } from "./key-index.ts";

export interface StoredObject {
  readonly body: Body;
  /** With its quotes. */
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  /** What the writer said about the object and every reader gets back: content-type, x-amz-meta-… */
  readonly headers: Readonly<Record<string, string>>;
  readonly lastModifiedMs: number;
  /** Of the multipart upload that made the object: completing it again gives the same answer, as a lost reply needs. */
  readonly uploadId: string | undefined;
}

export interface UploadedPart {
  readonly body: Body;
  readonly md5: Buffer;
  readonly checksum: Checksum;
}

export interface MultipartUpload {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when the upload was created without one. */
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
  readonly checksumType: "COMPOSITE" | "FULL_OBJECT";
  readonly parts: Map<number, UploadedPart>;
}

export class Bucket {
  readonly name: string;
  readonly createdAtMs: number;
  readonly uploads = new Map<string, MultipartUpload>();
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new KeyIndex();

  constructor(name: string, createdAtMs: number) {
    this.name = name;
    this.createdAtMs = createdAtMs;
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  put(key: string, object: StoredObject): void {
    const replaced = this.#objects.get(key);
    this.#objects.set(key, object);
    if (replaced === undefined) this.#keys.add(key);
    else replaced.body.discard();
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#keys.remove(key);
    object.body.discard();
  }

  list(query: ListQuery): ListPage {
    return this.#keys.list(query);
  }
}
