/**
 * Where object bodies live: small ones in memory, large ones in files of a temporary directory, so that a large job does not
 * fill the memory of the process that hosts the embedded cloud.
 *
 * - B1 A body never changes; replacing an object makes a new body.
 * - B2 A body that was discarded while it is read stays readable to the end of that read.
 * - B3 After `close()` nothing of ours is left in the temporary directory, also not by a write that was under way.
 */

import { open, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeOwnDirectory, type OwnDirectory } from "../../base/own-directory.ts";

export interface Body {
  readonly sizeBytes: number;
  /** Bytes `start` to `end`, `end` not included; both inside the body. */
  read(start: number, end: number): Uint8Array | Promise<Uint8Array>;
  discard(): void;
}

export interface BodyStoreLimits {
  /** Larger bodies go to a file. @default 1 MiB */
  readonly maxMemoryBodyBytes?: number;
  /** When this much is in memory, all but tiny bodies go to files. @default 64 MiB: small beside what a driver may use */
  readonly memoryBudgetBytes?: number;
}

// A file system gives a file at least one block of this size, so that smaller bodies are better off in memory.
const TINY_BODY_BYTES = 4096;

export class BodyStore {
  readonly #maxMemoryBodyBytes: number;
  readonly #memoryBudgetBytes: number;
  readonly #writes = new Set<Promise<void>>();
  #memoryBytes = 0;
  #files = 0;
  #directory: Promise<OwnDirectory> | undefined;
  #closed = false;

  constructor(limits: BodyStoreLimits = {}) {
    this.#maxMemoryBodyBytes = limits.maxMemoryBodyBytes ?? 1024 * 1024;
    this.#memoryBudgetBytes = limits.memoryBudgetBytes ?? 64 * 1024 * 1024;
  }

  /** Keeps a copy of the data: the caller's buffer may be a slice of a larger one. */
  store(data: Uint8Array): Body | Promise<Body> {
    const fits =
      data.byteLength <= this.#maxMemoryBodyBytes && this.#memoryBytes + data.byteLength <= this.#memoryBudgetBytes;
    return fits || data.byteLength <= TINY_BODY_BYTES ? this.#toMemory(data) : this.#toFile(data);
  }

  /** Removes all files; pending writes are waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#writes);
    await (await this.#directory)?.[Symbol.asyncDispose]();
  }

  #toMemory(data: Uint8Array): Body {
    const bytes = new Uint8Array(data);
    this.#memoryBytes += bytes.byteLength;
    return {
      sizeBytes: bytes.byteLength,
      read: (start, end) => bytes.subarray(start, end),
      discard: () => {
        this.#memoryBytes -= bytes.byteLength;
      },
    };
  }

  async #toFile(data: Uint8Array): Promise<Body> {
    if (this.#closed) throw new Error("the embedded cloud's store is closed");
    this.#files += 1;
    const name = String(this.#files);
    // Its own, since a process that ends without close() must not leave gigabytes behind.
    this.#directory ??= makeOwnDirectory();
    const written = this.#directory.then(({ path }) => writeFile(join(path, name), data));
    this.#writes.add(written);
    try {
      await written;
    } finally {
      this.#writes.delete(written);
    }
    return new FileBody(join((await this.#directory).path, name), data.byteLength);
  }
}

class FileBody implements Body {
  readonly sizeBytes: number;
  readonly #path: string;
  #readers = 0;
  #discarded = false;

  constructor(path: string, sizeBytes: number) {
    this.#path = path;
    this.sizeBytes = sizeBytes;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    this.#readers += 1;
    try {
      return await readRange(this.#path, start, end);
    } finally {
      this.#readers -= 1;
      this.#removeWhenUnused();
    }
  }

  discard(): void {
    this.#discarded = true;
    this.#removeWhenUnused();
  }

  #removeWhenUnused(): void {
    if (!this.#discarded || this.#readers > 0) return; // B2
    // Nobody waits for it, and what cannot be removed now goes with the directory.
    void unlink(this.#path).catch(() => undefined);
  }
}

async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(end - start);
  const file = await open(path, "r");
  try {
    for (let filled = 0; filled < bytes.length;) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) throw new Error(`stored body ${path} is shorter than it was written`);
      filled += bytesRead;
    }
  } finally {
    await file.close();
  }
  return bytes;
}

/** Runs the write that takes the body; when the write is refused, the body is thrown away. */
export function commitBody(body: Body, write: () => void): void {
  try {
    write();
  } catch (refused) {
    body.discard();
    throw refused;
  }
}

/** One body made of several, as a completed multipart upload is; nothing is copied. */
export function joinBodies(parts: readonly Body[]): Body {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    read: (start, end) => readParts(parts, start, end),
    discard: () => {
      for (const part of parts) part.discard();
    },
  };
}

async function readParts(parts: readonly Body[], start: number, end: number): Promise<Uint8Array> {
  const pieces: Promise<Uint8Array>[] = [];
  let offset = 0;
  for (const part of parts) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, part.sizeBytes);
    // All reads start before the first wait, so that a discard between two of them cannot take a part away (B2).
    if (from < to) pieces.push(Promise.resolve(part.read(from, to)));
    offset += part.sizeBytes;
  }
  return Buffer.concat(await Promise.all(pieces));
}
