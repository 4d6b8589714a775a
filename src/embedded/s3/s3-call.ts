/** What an operation works on: the request, whom it addresses, and the buckets. */

import type { Clock } from "../../base/clock.ts";
import type { ServiceRequest, ServiceResponse } from "../service.ts";
import type { BodyStore } from "./body-store.ts";
import type { Bucket } from "./bucket.ts";
import { S3Error } from "./s3-error.ts";

const MAX_KEY_BYTES = 1024;

/** Everything that the service keeps. */
export interface S3State {
  readonly region: string;
  readonly clock: Clock;
  readonly buckets: Map<string, Bucket>;
  readonly bodies: BodyStore;
  /** Numbers upload and request ids. */
  nextNumber(): number;
}

export interface S3Call {
  readonly state: S3State;
  readonly request: ServiceRequest;
  readonly bucketName: string;
  readonly key: string;
}

export type S3Handler = (call: S3Call) => ServiceResponse | Promise<ServiceResponse>;

interface RawAddress {
  readonly bucketName: string;
  /** Still percent-encoded. */
  readonly rawKey: string;
}

/** Bucket and key from a path-style URL, the only style that works on an IP address. */
export function splitAddress(request: ServiceRequest): RawAddress {
  const slash = request.path.indexOf("/", 1);
  if (slash < 0) return { bucketName: request.path.slice(1), rawKey: "" };
  return { bucketName: request.path.slice(1, slash), rawKey: request.path.slice(slash + 1) };
}

export function openCall(state: S3State, request: ServiceRequest): S3Call {
  const { bucketName, rawKey } = splitAddress(request);
  const key = decodeKey(rawKey);
  // A key has at most 3 bytes for each UTF-16 unit: most keys need no byte count.
  if (key.length * 3 > MAX_KEY_BYTES && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error("KeyTooLongError", {
      fields: { Size: String(Buffer.byteLength(key)), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
  return { state, request, bucketName, key };
}

function decodeKey(rawKey: string): string {
  try {
    return decodeURIComponent(rawKey);
  } catch {
    throw new S3Error("InvalidURI", { fields: { URI: rawKey } });
  }
}

export function requireBucket(call: S3Call): Bucket {
  const bucket = call.state.buckets.get(call.bucketName);
  if (bucket === undefined) throw new S3Error("NoSuchBucket", { fields: { BucketName: call.bucketName } });
  return bucket;
}

/** A header that comes once; Node joins repeated ones of these names itself. */
export function headerOf(request: ServiceRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.[0];
}
