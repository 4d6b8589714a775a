/** PutObject. */

import { commitBody } from "./body-store.ts";
import { checksumHeader } from "./checksum.ts";
import { keptHeaders } from "./object-headers.ts";
import { openPayload } from "./payload.ts";
import { checkWrite, parseWriteCondition } from "./precondition.ts";
import type { S3Handler } from "./s3-call.ts";
import { requireBucket } from "./s3-call.ts";

export const putObject: S3Handler = async (call) => {
  requireBucket(call);
  const condition = parseWriteCondition(call.request);
  const headers = keptHeaders(call.request);
  const { data, md5, checksum } = openPayload(call.request);
  const etag = `"${md5.toString("hex")}"`;
  const body = await call.state.bodies.store(data);
  commitBody(body, () => {
    const bucket = requireBucket(call); // may have been deleted while the body was stored
    checkWrite(condition, bucket.get(call.key), call.key); // P1
    const lastModifiedMs = call.state.clock.now();
    bucket.put(call.key, { body, etag, checksum, headers, lastModifiedMs, uploadId: undefined });
  });
  return {
    status: 200,
    headers: { etag, [checksumHeader(checksum.algorithm)]: checksum.value, "x-amz-checksum-type": "FULL_OBJECT" },
  };
};
