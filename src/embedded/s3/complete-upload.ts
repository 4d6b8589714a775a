/** CompleteMultipartUpload: the parts become one object, all at once. */

import { createHash } from "node:crypto";
import * as z from "zod";
import type { ServiceResponse } from "../service.ts";
import { joinBodies } from "./body-store.ts";
import type { Bucket, MultipartUpload, StoredObject, UploadedPart } from "./bucket.ts";
import type { Checksum } from "./checksum.ts";
import { computeChecksum } from "./checksum.ts";
import { checkWrite, parseWriteCondition, sameEtag } from "./precondition.ts";
import type { S3Call, S3Handler } from "./s3-call.ts";
import { requireBucket } from "./s3-call.ts";
import { S3Error } from "./s3-error.ts";
import { element, parseXml, S3_NAMESPACE, unescapeXml, xmlDocument } from "./s3-xml.ts";

const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 5 * 1024 * 1024; // of all parts but the last

const checksumFields = {
  ChecksumCRC32: z.string().optional(),
  ChecksumCRC32C: z.string().optional(),
  ChecksumCRC64NVME: z.string().optional(),
  ChecksumSHA1: z.string().optional(),
  ChecksumSHA256: z.string().optional(),
};
const listedPart = z.object({ PartNumber: z.string().regex(/^\d{1,5}$/), ETag: z.string(), ...checksumFields });
type ListedPart = z.infer<typeof listedPart>;

const completeRequest = z.object({
  CompleteMultipartUpload: z.object({ Part: z.array(listedPart).min(1).max(MAX_PARTS) }),
});

export const completeMultipartUpload: S3Handler = (call) => {
  const bucket = requireBucket(call);
  const condition = parseWriteCondition(call.request);
  const uploadId = call.request.query.get("uploadId") ?? "";
  const current = bucket.get(call.key);
  const upload = bucket.uploads.get(uploadId);
  if (upload?.key !== call.key) {
    if (current?.uploadId === uploadId) return completed(call, current); // a retry after a lost reply
    throw new S3Error("NoSuchUpload", { fields: { UploadId: uploadId } });
  }
  const listed = parseXml(call.request.body, completeRequest)?.CompleteMultipartUpload.Part;
  if (listed === undefined) throw new S3Error("MalformedXML");
  const parts = chooseParts(upload, listed);
  checkWrite(condition, current, call.key); // P1
  const object = assemble(upload, parts, call.state.clock.now());
  bucket.put(call.key, object);
  endUpload(bucket, upload, parts);
  return completed(call, object);
};

function chooseParts(upload: MultipartUpload, listed: readonly ListedPart[]): readonly UploadedPart[] {
  const numbers = listed.map((part) => Number(part.PartNumber));
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new S3Error("InvalidPartOrder", { fields: { UploadId: upload.id } });
  }
  const parts = listed.map((entry) => choosePart(upload, entry));
  const small = parts.findIndex((part, index) => index < parts.length - 1 && part.body.sizeBytes < MIN_PART_BYTES);
  if (small < 0) return parts;
  throw new S3Error("EntityTooSmall", {
    fields: {
      ProposedSize: String(parts[small]?.body.sizeBytes),
      MinSizeAllowed: String(MIN_PART_BYTES),
      PartNumber: String(numbers[small]),
    },
  });
}

function choosePart(upload: MultipartUpload, entry: ListedPart): UploadedPart {
  const part = upload.parts.get(Number(entry.PartNumber));
  const etag = unescapeXml(entry.ETag);
  const fields = { UploadId: upload.id, PartNumber: entry.PartNumber, ETag: etag };
  if (part === undefined || !sameEtag(etag, part.md5.toString("hex"))) throw new S3Error("InvalidPart", { fields });
  // Without an algorithm of its own an upload knows of no part that has a checksum.
  const isUnasked = upload.checksumAlgorithm === undefined && Object.keys(entry).some((name) => name in checksumFields);
  if (isUnasked) throw new S3Error("InvalidPart", { fields });
  const checksum = listedChecksum(entry, part.checksum);
  if (checksum === undefined && upload.checksumAlgorithm !== undefined && upload.checksumType === "COMPOSITE") {
    throw new S3Error("InvalidRequest", {
      message: `The upload was created using a ${upload.checksumAlgorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${entry.PartNumber} in the request.`,
    });
  }
  if (checksum !== undefined && checksum !== part.checksum.value) throw new S3Error("InvalidPart", { fields });
  return part;
}

function listedChecksum(entry: ListedPart, { algorithm }: Checksum): string | undefined {
  switch (algorithm) {
    case "crc32":
      return entry.ChecksumCRC32;
    case "crc32c":
      return entry.ChecksumCRC32C;
    case "crc64nvme":
      return entry.ChecksumCRC64NVME;
    case "sha1":
      return entry.ChecksumSHA1;
    case "sha256":
      return entry.ChecksumSHA256;
  }
}

function assemble(upload: MultipartUpload, parts: readonly UploadedPart[], lastModifiedMs: number): StoredObject {
  const md5 = createHash("md5").update(Buffer.concat(parts.map((part) => part.md5)));
  return {
    body: joinBodies(parts.map((part) => part.body)),
    etag: `"${md5.digest("hex")}-${parts.length}"`,
    checksum: compositeChecksum(upload, parts),
    headers: upload.headers,
    lastModifiedMs,
    uploadId: upload.id,
  };
}

/** The checksum of the parts' checksums, where AWS gives one and Node can compute it. */
function compositeChecksum(upload: MultipartUpload, parts: readonly UploadedPart[]): Checksum | undefined {
  const algorithm = upload.checksumAlgorithm;
  if (algorithm === undefined || upload.checksumType === "FULL_OBJECT") return undefined;
  const value = computeChecksum(
    algorithm,
    Buffer.concat(parts.map((part) => Buffer.from(part.checksum.value, "base64"))),
  );
  return value === undefined ? undefined : { algorithm, value: `${value}-${parts.length}` };
}

function endUpload(bucket: Bucket, upload: MultipartUpload, used: readonly UploadedPart[]): void {
  bucket.uploads.delete(upload.id);
  for (const part of upload.parts.values()) if (!used.includes(part)) part.body.discard();
}

function completed(call: S3Call, object: StoredObject): ServiceResponse {
  const facts = [
    element("Location", `/${call.bucketName}/${call.key}`),
    element("Bucket", call.bucketName),
    element("Key", call.key),
    element("ETag", object.etag),
  ];
  if (object.checksum !== undefined) {
    facts.push(element(`Checksum${object.checksum.algorithm.toUpperCase()}`, object.checksum.value));
    facts.push(element("ChecksumType", "COMPOSITE"));
  }
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("CompleteMultipartUploadResult", facts.join(""), S3_NAMESPACE),
  };
}
