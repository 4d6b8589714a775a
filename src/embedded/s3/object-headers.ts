/** Headers that a writer sends with an object and that readers get back. */

import type { ServiceRequest } from "../service.ts";
import { S3Error } from "./s3-error.ts";

const KEPT_HEADERS = [
  "cache-control",
  "content-disposition",
  "content-language",
  "content-type",
  "expires",
  // Nothing is encrypted here: they are told again to whoever reads, as S3 does.
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
] as const;
const META_PREFIX = "x-amz-meta-";
// User metadata is limited to 2 KB, names (without the prefix) and values together.
const MAX_METADATA_BYTES = 2048;

export function keptHeaders(request: ServiceRequest): Readonly<Record<string, string>> {
  const kept: Record<string, string> = { "content-type": "binary/octet-stream" };
  for (const name of KEPT_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") kept[name] = value;
  }
  const coding = storedCoding(request.headers["content-encoding"]);
  if (coding !== "") kept["content-encoding"] = coding;
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith(META_PREFIX) || typeof value !== "string") continue;
    kept[name] = value;
    metadataBytes += name.length - META_PREFIX.length + value.length;
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new S3Error("MetadataTooLarge", { fields: { MaxSizeAllowed: String(MAX_METADATA_BYTES) } });
  }
  return kept;
}

/** `aws-chunked` is how the body travelled, not how it is stored. */
function storedCoding(given: string | undefined): string {
  if (given === undefined) return "";
  return given
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "aws-chunked")
    .join(",");
}
