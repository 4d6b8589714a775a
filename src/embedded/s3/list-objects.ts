/** ListObjectsV2. */

import type { ServiceResponse } from "../service.ts";
import type { Bucket } from "./bucket.ts";
import type { ListPage, ListPosition } from "./key-index.ts";
import type { S3Handler } from "./s3-call.ts";
import { requireBucket } from "./s3-call.ts";
import { S3Error } from "./s3-error.ts";
import { element, S3_NAMESPACE, xmlDocument } from "./s3-xml.ts";

const MAX_KEYS = 1000;

type Encode = (text: string) => string;

export const listObjectsV2: S3Handler = (call) => {
  const bucket = requireBucket(call);
  const { query } = call.request;
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after");
  const page = bucket.list({
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    position: token === null ? positionAfter(startAfter) : parseToken(token),
    maxKeys: parseMaxKeys(query.get("max-keys")),
  });
  return pageResponse(bucket, query, page);
};

function pageResponse(bucket: Bucket, query: URLSearchParams, page: ListPage): ServiceResponse {
  const encodingType = parseEncoding(query.get("encoding-type"));
  const encode: Encode = encodingType === "url" ? urlEncode : (text) => text;
  const echoed = (name: string, parameter: string, as: Encode = encode): string => {
    const value = query.get(parameter);
    return value === null || value === "" ? "" : element(name, as(value));
  };
  const body = [
    element("Name", bucket.name),
    element("Prefix", encode(query.get("prefix") ?? "")),
    echoed("Delimiter", "delimiter"),
    echoed("StartAfter", "start-after"),
    echoed("ContinuationToken", "continuation-token", (token) => token),
    page.next === undefined ? "" : element("NextContinuationToken", formatToken(page.next)),
    element("KeyCount", page.keys.length + page.commonPrefixes.length),
    element("MaxKeys", parseMaxKeys(query.get("max-keys"))),
    encodingType === undefined ? "" : element("EncodingType", encodingType),
    element("IsTruncated", page.next !== undefined),
    ...page.keys.map((key) => contents(bucket, key, encode)),
    ...page.commonPrefixes.map((prefix) => `<CommonPrefixes>${element("Prefix", encode(prefix))}</CommonPrefixes>`),
  ].join("");
  const headers = { "content-type": "application/xml" };
  return { status: 200, headers, body: xmlDocument("ListBucketResult", body, S3_NAMESPACE) };
}

function contents(bucket: Bucket, key: string, encode: Encode): string {
  const object = bucket.get(key);
  if (object === undefined) return "";
  const lastModified = new Date(object.lastModifiedMs).toISOString();
  const size = `<Size>${object.body.sizeBytes}</Size><StorageClass>STANDARD</StorageClass>`;
  return `<Contents>${element("Key", encode(key))}<LastModified>${lastModified}</LastModified>${element("ETag", object.etag)}${size}</Contents>`;
}

function positionAfter(startAfter: string | null): ListPosition | undefined {
  return startAfter === null || startAfter === "" ? undefined : { afterKey: startAfter };
}

/** Opaque to clients: what was listed last, and whether it was a key or a common prefix. */
function formatToken(position: ListPosition): string {
  const text = "afterKey" in position ? `k${position.afterKey}` : `p${position.afterPrefix}`;
  return Buffer.from(text, "utf8").toString("base64url");
}

function parseToken(token: string): ListPosition {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (text.startsWith("k")) return { afterKey: text.slice(1) };
  if (text.startsWith("p")) return { afterPrefix: text.slice(1) };
  throw invalidArgument("continuation-token", token, "The continuation token provided is incorrect");
}

function parseMaxKeys(given: string | null): number {
  if (given === null || given === "") return MAX_KEYS;
  if (!/^\d{1,10}$/.test(given)) throw invalidArgument("max-keys", given, "Argument max-keys must be an integer >= 0");
  return Math.min(Number(given), MAX_KEYS);
}

function parseEncoding(given: string | null): "url" | undefined {
  if (given === null || given === "url") return given ?? undefined;
  throw invalidArgument("encoding-type", given, "Invalid Encoding Method specified in Request");
}

/** As S3 does it: slashes stay, a space becomes `+`. */
function urlEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replaceAll("%20", "+");
}

function invalidArgument(name: string, value: string, message: string): S3Error {
  return new S3Error("InvalidArgument", { message, fields: { ArgumentName: name, ArgumentValue: value } });
}
