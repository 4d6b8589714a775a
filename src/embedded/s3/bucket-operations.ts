/** Operations on buckets as wholes. */

import * as z from "zod";
import { Bucket } from "./bucket.ts";
import type { S3Handler } from "./s3-call.ts";
import { requireBucket } from "./s3-call.ts";
import { S3Error } from "./s3-error.ts";
import { element, parseXml, S3_NAMESPACE, xmlDocument } from "./s3-xml.ts";

// The one region whose buckets are created without a location constraint, and where creating one's own again succeeds.
const CLASSIC_REGION = "us-east-1";

const createBucketConfiguration = z.object({
  CreateBucketConfiguration: z.object({ LocationConstraint: z.string().optional() }),
});

export const createBucket: S3Handler = (call) => {
  const { state, request, bucketName } = call;
  if (!isBucketName(bucketName)) throw new S3Error("InvalidBucketName", { fields: { BucketName: bucketName } });
  checkLocation(request.body, state.region);
  if (!state.buckets.has(bucketName)) {
    state.buckets.set(bucketName, new Bucket(bucketName, state.clock.now()));
  } else if (state.region !== CLASSIC_REGION) {
    throw new S3Error("BucketAlreadyOwnedByYou", { fields: { BucketName: bucketName } });
  }
  return { status: 200, headers: { location: `/${bucketName}` } };
};

export const headBucket: S3Handler = (call) => {
  requireBucket(call);
  return { status: 200, headers: { "x-amz-bucket-region": call.state.region, "content-type": "application/xml" } };
};

export const deleteBucket: S3Handler = (call) => {
  const bucket = requireBucket(call);
  if (!bucket.isEmpty) throw new S3Error("BucketNotEmpty", { fields: { BucketName: bucket.name } });
  for (const upload of bucket.uploads.values()) for (const part of upload.parts.values()) part.body.discard();
  call.state.buckets.delete(bucket.name);
  return { status: 204 };
};

export const listBuckets: S3Handler = ({ state }) => {
  const byName = [...state.buckets.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const buckets = byName.map((bucket) => {
    const created = new Date(bucket.createdAtMs).toISOString();
    return `<Bucket>${element("Name", bucket.name)}${element("CreationDate", created)}</Bucket>`;
  });
  const owner = "<Owner><ID>cloudburst</ID></Owner>";
  const body = xmlDocument("ListAllMyBucketsResult", `${owner}<Buckets>${buckets.join("")}</Buckets>`, S3_NAMESPACE);
  return { status: 200, headers: { "content-type": "application/xml" }, body };
};

function checkLocation(body: Buffer, region: string): void {
  const parsed = body.length === 0 ? undefined : parseXml(body, createBucketConfiguration);
  if (body.length > 0 && parsed === undefined) throw new S3Error("MalformedXML");
  const given = parsed?.CreateBucketConfiguration.LocationConstraint ?? CLASSIC_REGION;
  if (given === region) return;
  throw new S3Error("IllegalLocationConstraintException", {
    message: `The ${given} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  });
}

/** 3 to 63 of lower-case letters, digits, dots and hyphens; labels start and end with a letter or digit; no IPv4 address. */
function isBucketName(name: string): boolean {
  if (name.length < 3 || name.length > 63) return false;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return false;
  return name.split(".").every((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label));
}
