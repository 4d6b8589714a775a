/** DeleteObject and DeleteObjects. */

import * as z from "zod";
import type { Bucket } from "./bucket.ts";
import { openPayload } from "./payload.ts";
import { checkDelete } from "./precondition.ts";
import type { S3Handler } from "./s3-call.ts";
import { headerOf, requireBucket } from "./s3-call.ts";
import { notImplemented, S3Error } from "./s3-error.ts";
import { element, parseXml, S3_NAMESPACE, unescapeXml, xmlDocument } from "./s3-xml.ts";

const MAX_DELETES = 1000;

export const deleteObject: S3Handler = (call) => {
  const bucket = requireBucket(call);
  checkDelete(headerOf(call.request, "if-match"), bucket.get(call.key), call.key); // P1
  bucket.delete(call.key);
  return { status: 204 };
};

const deleteRequest = z.object({
  Delete: z.object({
    Quiet: z.string().optional(),
    Object: z
      .array(z.object({ Key: z.string(), ETag: z.string().optional(), VersionId: z.string().optional() }))
      .max(MAX_DELETES),
  }),
});

export const deleteObjects: S3Handler = (call) => {
  const bucket = requireBucket(call);
  const { data, claimed, hasContentMd5 } = openPayload(call.request);
  if (claimed === undefined && !hasContentMd5) {
    throw new S3Error("InvalidRequest", {
      message: "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
    });
  }
  const request = parseXml(data, deleteRequest)?.Delete;
  if (request === undefined) throw new S3Error("MalformedXML");
  const quiet = request.Quiet === "true";
  const results = request.Object.map((entry) => {
    if (entry.VersionId !== undefined) throw notImplemented("VersionId");
    const etag = entry.ETag === undefined ? undefined : unescapeXml(entry.ETag);
    return deleteOne(bucket, unescapeXml(entry.Key), etag, quiet);
  });
  const body = xmlDocument("DeleteResult", results.join(""), S3_NAMESPACE);
  return { status: 200, headers: { "content-type": "application/xml" }, body };
};

function deleteOne(bucket: Bucket, key: string, ifMatch: string | undefined, quiet: boolean): string {
  try {
    checkDelete(ifMatch, bucket.get(key), key);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return `<Error>${element("Key", key)}${element("Code", error.code)}${element("Message", error.message)}</Error>`;
  }
  bucket.delete(key);
  return quiet ? "" : `<Deleted>${element("Key", key)}</Deleted>`;
}
