/** The body that a request means: transfer coding taken off, lengths and checksums verified. */

import { createHash } from "node:crypto";
import type { ServiceRequest } from "../service.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import type { DecodedBody } from "./aws-chunked.ts";
import type { Checksum } from "./checksum.ts";
import { computeChecksum, findChecksum } from "./checksum.ts";
import { headerOf } from "./s3-call.ts";
import { S3Error } from "./s3-error.ts";

export interface Payload {
  readonly data: Buffer;
  readonly md5: Buffer;
  /** The checksum that the sender gave, verified. */
  readonly claimed: Checksum | undefined;
  /** The sender's, else a CRC32 of our own (AWS would add a CRC64NVME). */
  readonly checksum: Checksum;
  readonly hasContentMd5: boolean;
}

export function openPayload(request: ServiceRequest): Payload {
  const { data, trailers } = decodeBody(request);
  const md5 = createHash("md5").update(data).digest();
  const contentMd5 = headerOf(request, "content-md5");
  if (contentMd5 !== undefined) verifyContentMd5(contentMd5, md5);
  const claimed = findChecksum((name) => headerOf(request, name) ?? trailers.get(name));
  if (claimed !== undefined) verifyChecksum(claimed, data);
  const checksum: Checksum = claimed ?? { algorithm: "crc32", value: computeChecksum("crc32", data) ?? "" };
  return { data, md5, claimed, checksum, hasContentMd5: contentMd5 !== undefined };
}

function decodeBody(request: ServiceRequest): DecodedBody {
  if (!isAwsChunked(request)) {
    if (headerOf(request, "transfer-encoding") !== undefined) throw new S3Error("MissingContentLength");
    return { data: request.body, trailers: new Map() };
  }
  const announcedBytes = headerOf(request, "x-amz-decoded-content-length");
  if (announcedBytes === undefined) throw new S3Error("MissingContentLength");
  const decoded = decodeAwsChunked(request.body);
  if (decoded.data.length !== Number(announcedBytes)) throw new S3Error("IncompleteBody");
  for (const name of (headerOf(request, "x-amz-trailer") ?? "").split(",")) {
    if (name.trim() !== "" && !decoded.trailers.has(name.trim().toLowerCase())) {
      throw new S3Error("MalformedTrailerError");
    }
  }
  return decoded;
}

function isAwsChunked(request: ServiceRequest): boolean {
  return (
    headerOf(request, "x-amz-content-sha256")?.startsWith("STREAMING-") === true ||
    headerOf(request, "content-encoding")?.includes("aws-chunked") === true
  );
}

function verifyContentMd5(given: string, md5: Buffer): void {
  const bytes = Buffer.from(given, "base64");
  if (bytes.length !== md5.length) throw new S3Error("InvalidDigest");
  if (!bytes.equals(md5)) throw new S3Error("BadDigest");
}

function verifyChecksum(claimed: Checksum, data: Buffer): void {
  const actual = computeChecksum(claimed.algorithm, data);
  if (actual === undefined || actual === claimed.value) return;
  throw new S3Error("BadDigest", {
    message: `The ${claimed.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  });
}
