/** Checksums of bodies, as the `x-amz-checksum-…` headers and trailers carry them. */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

const ALGORITHMS = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;
export type ChecksumAlgorithm = (typeof ALGORITHMS)[number];

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; for an object of several parts followed by `-` and their number. */
  readonly value: string;
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm}`;
}

/** `CRC32` and the like, as requests name it; undefined for what this service does not know. */
export function parseChecksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm === name.toLowerCase());
}

/** The first checksum that the sender gives. */
export function findChecksum(valueOf: (header: string) => string | undefined): Checksum | undefined {
  for (const algorithm of ALGORITHMS) {
    const value = valueOf(checksumHeader(algorithm));
    if (value !== undefined) return { algorithm, value };
  }
  return undefined;
}

/**
 * The data's checksum in base64. Undefined for CRC32C and CRC64NVME, which Node does not compute: such a value is kept as
 * sent, so that the reader still finds a damaged body.
 */
export function computeChecksum(algorithm: ChecksumAlgorithm, data: Uint8Array): string | undefined {
  switch (algorithm) {
    case "crc32":
      return crc32Base64(data);
    case "sha1":
    case "sha256":
      return createHash(algorithm).update(data).digest("base64");
    case "crc32c":
    case "crc64nvme":
      return undefined;
  }
}

function crc32Base64(data: Uint8Array): string {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString("base64");
}
