/** GetObject and HeadObject. */

import type { ServiceResponse } from "../service.ts";
import type { StoredObject } from "./bucket.ts";
import { resolveRange } from "./byte-range.ts";
import { checksumHeader } from "./checksum.ts";
import { checkRead } from "./precondition.ts";
import type { S3Call, S3Handler } from "./s3-call.ts";
import { headerOf, requireBucket } from "./s3-call.ts";
import { S3Error } from "./s3-error.ts";

export const headObject: S3Handler = (call) => {
  const object = requireObject(call);
  if (checkRead(call.request, object) === "not_modified") return notModified(object);
  const range = resolveRange(headerOf(call.request, "range"), object.body.sizeBytes);
  const length = range === undefined ? object.body.sizeBytes : range.end - range.start;
  return {
    status: range === undefined ? 200 : 206,
    headers: { ...readHeaders(call, object), "content-length": String(length) },
  };
};

export const getObject: S3Handler = async (call) => {
  const object = requireObject(call);
  if (checkRead(call.request, object) === "not_modified") return notModified(object);
  const { body } = object;
  const range = resolveRange(headerOf(call.request, "range"), body.sizeBytes);
  const headers = readHeaders(call, object);
  if (range === undefined) {
    headers["content-length"] = String(body.sizeBytes);
    return { status: 200, headers, body: await body.read(0, body.sizeBytes) };
  }
  headers["content-length"] = String(range.end - range.start);
  headers["content-range"] = `bytes ${range.start}-${range.end - 1}/${body.sizeBytes}`;
  return { status: 206, headers, body: await body.read(range.start, range.end) };
};

function requireObject(call: S3Call): StoredObject {
  const object = requireBucket(call).get(call.key);
  if (object === undefined) throw new S3Error("NoSuchKey", { fields: { Key: call.key } });
  return object;
}

function notModified(object: StoredObject): ServiceResponse {
  return { status: 304, headers: { etag: object.etag, "last-modified": httpDate(object) } };
}

function readHeaders(call: S3Call, object: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {
    ...object.headers,
    "accept-ranges": "bytes",
    etag: object.etag,
    "last-modified": httpDate(object),
  };
  // A checksum is of the whole object: with a range it would only mislead.
  const wanted =
    headerOf(call.request, "x-amz-checksum-mode") === "ENABLED" && call.request.headers.range === undefined;
  if (wanted && object.checksum !== undefined) {
    headers[checksumHeader(object.checksum.algorithm)] = object.checksum.value;
    headers["x-amz-checksum-type"] = object.checksum.value.includes("-") ? "COMPOSITE" : "FULL_OBJECT";
  }
  return headers;
}

function httpDate(object: StoredObject): string {
  return new Date(object.lastModifiedMs).toUTCString();
}
