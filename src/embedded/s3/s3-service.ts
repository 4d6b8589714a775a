/** S3 of the embedded cloud: the calls that Cloudburst makes, and a clear 501 for every other. */

import type { Clock } from "../../base/clock.ts";
import type { Service, ServiceRequest, ServiceResponse } from "../service.ts";
import { BodyStore } from "./body-store.ts";
import { createBucket, deleteBucket, headBucket, listBuckets } from "./bucket-operations.ts";
import { completeMultipartUpload } from "./complete-upload.ts";
import { deleteObject, deleteObjects } from "./delete-objects.ts";
import { listObjectsV2 } from "./list-objects.ts";
import { abortMultipartUpload, createMultipartUpload, uploadPart } from "./multipart-upload.ts";
import { putObject } from "./put-object.ts";
import { getObject, headObject } from "./read-object.ts";
import type { S3Handler, S3State } from "./s3-call.ts";
import { openCall } from "./s3-call.ts";
import { errorResponse, notImplemented, S3Error } from "./s3-error.ts";
import { operationOf, refuseUnsupported } from "./s3-operation.ts";

export interface S3ServiceOptions {
  readonly region: string;
  readonly clock: Clock;
}

const HANDLERS: ReadonlyMap<string, S3Handler> = new Map([
  ["AbortMultipartUpload", abortMultipartUpload],
  ["CompleteMultipartUpload", completeMultipartUpload],
  ["CreateBucket", createBucket],
  ["CreateMultipartUpload", createMultipartUpload],
  ["DeleteBucket", deleteBucket],
  ["DeleteObject", deleteObject],
  ["DeleteObjects", deleteObjects],
  ["GetObject", getObject],
  ["HeadBucket", headBucket],
  ["HeadObject", headObject],
  ["ListBuckets", listBuckets],
  ["ListObjectsV2", listObjectsV2],
  ["PutObject", putObject],
  ["UploadPart", uploadPart],
]);

const METHODS: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "POST", "PUT"]);

export function createS3Service(options: S3ServiceOptions): Service {
  const bodies = new BodyStore();
  let issuedNumbers = 0;
  const state: S3State = {
    region: options.region,
    clock: options.clock,
    buckets: new Map(),
    bodies,
    nextNumber: () => (issuedNumbers += 1),
  };
  return {
    name: "s3",
    operationOf,
    handle: (operation, request) => answer(state, operation, request),
    close: () => bodies.close(),
  };
}

async function answer(state: S3State, operation: string, request: ServiceRequest): Promise<ServiceResponse> {
  const requestId = state.nextNumber().toString(16).toUpperCase().padStart(16, "0");
  try {
    const response = await handlerOf(operation, request)(openCall(state, request));
    return { ...response, headers: { ...response.headers, "x-amz-request-id": requestId } };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const { status, headers, body } = errorResponse(error, requestId);
    // The answer to a HEAD never has a body: its status says what there is to say.
    return request.method === "HEAD"
      ? { status, headers: headers ?? {} }
      : { status, headers: headers ?? {}, body: body ?? "" };
  }
}

function handlerOf(operation: string, request: ServiceRequest): S3Handler {
  if (!METHODS.has(request.method)) {
    throw new S3Error("MethodNotAllowed", { fields: { Method: request.method, ResourceType: "OBJECT" } });
  }
  const handler = HANDLERS.get(operation);
  if (handler === undefined) throw notImplemented(operation);
  refuseUnsupported(request);
  return handler;
}
