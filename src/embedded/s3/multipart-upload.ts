/** Multipart uploads up to their completion: create, upload parts in any order, abort. */

import { commitBody } from "./body-store.ts";
import type { MultipartUpload } from "./bucket.ts";
import { checksumHeader, parseChecksumAlgorithm } from "./checksum.ts";
import { keptHeaders } from "./object-headers.ts";
import type { Payload } from "./payload.ts";
import { openPayload } from "./payload.ts";
import type { S3Call, S3Handler } from "./s3-call.ts";
import { headerOf, requireBucket } from "./s3-call.ts";
import { notImplemented, S3Error } from "./s3-error.ts";
import { element, S3_NAMESPACE, xmlDocument } from "./s3-xml.ts";

const MAX_PARTS = 10_000;

export const createMultipartUpload: S3Handler = (call) => {
  const bucket = requireBucket(call);
  const upload = newUpload(call);
  bucket.uploads.set(upload.id, upload);
  const headers: Record<string, string> = { "content-type": "application/xml" };
  if (upload.checksumAlgorithm !== undefined) {
    headers["x-amz-checksum-algorithm"] = upload.checksumAlgorithm.toUpperCase();
    headers["x-amz-checksum-type"] = upload.checksumType;
  }
  const body = [element("Bucket", bucket.name), element("Key", upload.key), element("UploadId", upload.id)].join("");
  return { status: 200, headers, body: xmlDocument("InitiateMultipartUploadResult", body, S3_NAMESPACE) };
};

function newUpload(call: S3Call): MultipartUpload {
  const algorithmName = headerOf(call.request, "x-amz-checksum-algorithm");
  const checksumAlgorithm = algorithmName === undefined ? undefined : parseChecksumAlgorithm(algorithmName);
  if (algorithmName !== undefined && checksumAlgorithm === undefined) {
    throw notImplemented(`x-amz-checksum-algorithm: ${algorithmName}`);
  }
  const isFullObject =
    checksumAlgorithm === "crc64nvme" || headerOf(call.request, "x-amz-checksum-type") === "FULL_OBJECT";
  return {
    id: `${call.state.clock.now().toString(36)}-${call.state.nextNumber().toString(36)}`,
    key: call.key,
    headers: keptHeaders(call.request),
    checksumAlgorithm,
    checksumType: isFullObject ? "FULL_OBJECT" : "COMPOSITE",
    parts: new Map(),
  };
}

export const uploadPart: S3Handler = async (call) => {
  const partNumber = parsePartNumber(call.request.query.get("partNumber"));
  const declared = requireUpload(call);
  const payload = openPayload(call.request);
  requireDeclaredChecksum(declared, payload);
  const { md5, claimed, checksum } = payload;
  const body = await call.state.bodies.store(payload.data);
  commitBody(body, () => {
    const upload = requireUpload(call); // may have been aborted while the body was stored
    upload.parts.get(partNumber)?.body.discard();
    upload.parts.set(partNumber, { body, md5, checksum });
  });
  const headers: Record<string, string> = { etag: `"${md5.toString("hex")}"` };
  if (claimed !== undefined) headers[checksumHeader(claimed.algorithm)] = claimed.value;
  return { status: 200, headers };
};

export const abortMultipartUpload: S3Handler = (call) => {
  const upload = requireUpload(call);
  for (const part of upload.parts.values()) part.body.discard();
  requireBucket(call).uploads.delete(upload.id);
  return { status: 204 };
};

function requireUpload(call: S3Call): MultipartUpload {
  const uploadId = call.request.query.get("uploadId") ?? "";
  const upload = requireBucket(call).uploads.get(uploadId);
  if (upload?.key !== call.key) throw new S3Error("NoSuchUpload", { fields: { UploadId: uploadId } });
  return upload;
}

function parsePartNumber(given: string | null): number {
  const partNumber = /^\d{1,5}$/.test(given ?? "") ? Number(given) : 0;
  if (partNumber >= 1 && partNumber <= MAX_PARTS) return partNumber;
  throw new S3Error("InvalidArgument", {
    message: `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
    fields: { ArgumentName: "partNumber", ArgumentValue: given ?? "" },
  });
}

/** S3 makes the object's checksum of the parts' checksums, so that with a declared algorithm every part must bring one. */
function requireDeclaredChecksum(upload: MultipartUpload, payload: Payload): void {
  const { checksumAlgorithm, checksumType } = upload;
  if (checksumAlgorithm === undefined || payload.claimed?.algorithm === checksumAlgorithm) return;
  if (checksumType === "FULL_OBJECT" && payload.claimed === undefined) return;
  throw new S3Error("InvalidRequest", {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm}, actual checksum Type: ${payload.claimed?.algorithm ?? "null"}`,
  });
}
