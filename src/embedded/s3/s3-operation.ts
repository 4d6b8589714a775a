/** Which of AWS's operations a request asks for. */

import type { ServiceRequest } from "../service.ts";
import { headerOf, splitAddress } from "./s3-call.ts";
import { notImplemented } from "./s3-error.ts";

/** Query names that make a request concern a configuration, and the noun that AWS's operation names have for it. */
const BUCKET_NOUNS = {
  accelerate: "BucketAccelerateConfiguration",
  acl: "BucketAcl",
  analytics: "BucketAnalyticsConfiguration",
  cors: "BucketCors",
  encryption: "BucketEncryption",
  "intelligent-tiering": "BucketIntelligentTieringConfiguration",
  inventory: "BucketInventoryConfiguration",
  lifecycle: "BucketLifecycleConfiguration",
  location: "BucketLocation",
  logging: "BucketLogging",
  metrics: "BucketMetricsConfiguration",
  notification: "BucketNotificationConfiguration",
  "object-lock": "ObjectLockConfiguration",
  ownershipControls: "BucketOwnershipControls",
  policy: "BucketPolicy",
  policyStatus: "BucketPolicyStatus",
  publicAccessBlock: "PublicAccessBlock",
  replication: "BucketReplication",
  requestPayment: "BucketRequestPayment",
  tagging: "BucketTagging",
  versioning: "BucketVersioning",
  website: "BucketWebsite",
} as const;

const OBJECT_NOUNS = {
  acl: "ObjectAcl",
  attributes: "ObjectAttributes",
  "legal-hold": "ObjectLegalHold",
  restore: "ObjectRestore",
  retention: "ObjectRetention",
  select: "ObjectContent",
  tagging: "ObjectTagging",
  torrent: "ObjectTorrent",
} as const;

/** Headers and query names that would change what an operation does, in ways that this service does not know. */
const REFUSED_HEADERS = [
  "if-modified-since",
  "if-unmodified-since",
  "x-amz-if-match-last-modified-time",
  "x-amz-if-match-size",
  "x-amz-object-lock-legal-hold",
  "x-amz-object-lock-mode",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-tagging",
  "x-amz-website-redirect-location",
  "x-amz-write-offset-bytes",
] as const;
const REFUSED_QUERY = [
  "versionId",
  "response-content-type",
  "response-content-encoding",
  "response-content-disposition",
];

/** AWS's name of the operation; undefined when the request is for another service. */
export function operationOf(request: ServiceRequest): string | undefined {
  if (request.headers["x-amz-target"] !== undefined) return undefined;
  const { bucketName, rawKey } = splitAddress(request);
  if (bucketName === "") return request.method === "GET" ? "ListBuckets" : `${verbOf(request.method)}Service`;
  return rawKey === "" ? bucketOperation(request) : objectOperation(request);
}

/** @throws S3Error NotImplemented that names the header or query parameter */
export function refuseUnsupported(request: ServiceRequest): void {
  for (const name of REFUSED_HEADERS) if (request.headers[name] !== undefined) throw notImplemented(name);
  for (const name of REFUSED_QUERY) if (request.query.has(name)) throw notImplemented(name);
  if (request.query.has("partNumber") && request.method !== "PUT") throw notImplemented("partNumber");
}

function bucketOperation({ method, query }: ServiceRequest): string {
  const noun = nounIn(BUCKET_NOUNS, query);
  if (noun !== undefined) return verbOf(method) + noun;
  switch (method) {
    case "GET":
      if (query.has("uploads")) return "ListMultipartUploads";
      if (query.has("versions")) return "ListObjectVersions";
      if (query.has("session")) return "CreateSession";
      return query.get("list-type") === "2" ? "ListObjectsV2" : "ListObjects";
    case "PUT":
      return "CreateBucket";
    case "POST":
      return query.has("delete") ? "DeleteObjects" : "PostObject";
    default:
      return `${verbOf(method)}Bucket`;
  }
}

function objectOperation(request: ServiceRequest): string {
  const { method, query } = request;
  const noun = nounIn(OBJECT_NOUNS, query);
  if (noun !== undefined) return verbOf(method) + noun;
  const copies = headerOf(request, "x-amz-copy-source") !== undefined;
  const uploads = query.has("uploadId");
  switch (method) {
    case "GET":
      return uploads ? "ListParts" : "GetObject";
    case "PUT":
      if (uploads) return copies ? "UploadPartCopy" : "UploadPart";
      return copies ? "CopyObject" : "PutObject";
    case "POST":
      if (query.has("uploads")) return "CreateMultipartUpload";
      return uploads ? "CompleteMultipartUpload" : "PostObject";
    case "DELETE":
      return uploads ? "AbortMultipartUpload" : "DeleteObject";
    default:
      return `${verbOf(method)}Object`;
  }
}

function nounIn(nouns: Readonly<Record<string, string>>, query: URLSearchParams): string | undefined {
  for (const name of query.keys()) if (Object.hasOwn(nouns, name)) return nouns[name];
  return undefined;
}

/** `GET` as the first word of an operation's name: `Get`. */
function verbOf(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase();
}
