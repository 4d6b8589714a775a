import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import { createS3Store } from "../../src/store/s3-store.ts";
import type { Store } from "../../src/store/store.ts";
import { s3ErrorAnswer, startS3TestServer } from "./s3-test-server.ts";
import type { Interception, S3TestServer } from "./s3-test-server.ts";

const Bucket = "failures-test";
let server: S3TestServer;
let store: Store;
let sleptMs: number[];

beforeEach(async () => {
  server = await startS3TestServer();
  // The SDK's own waits between tries are real: keep them short.
  const client = server.client({ maxAttempts: 2 });
  await client.send(new CreateBucketCommand({ Bucket }));
  sleptMs = [];
  const clock: Clock = { now: () => 0, sleep: async (ms) => void sleptMs.push(ms) };
  store = createS3Store(client, Bucket, { clock, random: () => 1 });
});
afterEach(() => server[Symbol.asyncDispose]());

/** Steps in on the first `times` calls of the operation. */
function first<T>(times: number, operation: string, answer: T): (called: string) => T | undefined {
  let left = times;
  return (called) => (called === operation && left-- > 0 ? answer : undefined);
}

const intercept = (interception: Interception): void => {
  server.interception = interception;
};

describe("the store on a failing S3", () => {
  it("tries a putOnce again that conflicted with another writer", async () => {
    intercept({ before: first(2, "PutObject", s3ErrorAnswer(409, "ConditionalRequestConflict")) });
    expect(await store.putOnce("k", Buffer.from("x"))).toBe("written");
    expect(sleptMs).toEqual([100, 200]);
  });

  it("gives up on a conflict that does not end", async () => {
    intercept({ before: first(99, "PutObject", s3ErrorAnswer(409, "ConditionalRequestConflict")) });
    await expect(store.putOnce("k", Buffer.from("x"))).rejects.toThrow(
      /^put s3:\/\/failures-test\/k failed: Condition/,
    );
    expect(sleptMs).toEqual([100, 200, 400, 800]);
  });

  it("takes the 412 after a lost reply for what it is: a result exists (I2)", async () => {
    intercept({ after: first(1, "PutObject", "hang up" as const) });
    expect(await store.putOnce("k", Buffer.from("mine"))).toBe("exists");
    expect(Buffer.from((await store.get("k")) ?? "").toString()).toBe("mine");
  });

  it("names the key's permissions as well where a KMS key encrypts", async () => {
    const client = server.client({ maxAttempts: 1 });
    const encrypting = createS3Store(client, Bucket, { kmsKeyId: "alias/flows" });
    intercept({ before: first(1, "PutObject", s3ErrorAnswer(403, "AccessDenied")) });
    await expect(encrypting.put("k", Buffer.from("x"))).rejects.toThrow(
      /allow s3:PutObject, and kms:GenerateDataKey and kms:Decrypt on alias\/flows, for these/,
    );
    intercept({ before: first(1, "GetObject", s3ErrorAnswer(403, "AccessDenied")) });
    await expect(encrypting.get("k")).rejects.toThrow(
      /allow s3:GetObject, kms:Decrypt on alias\/flows, and s3:ListBucket/,
    );
  });

  it("completes a large object whose completion's reply was lost", async () => {
    intercept({ after: first(1, "CompleteMultipartUpload", "hang up" as const) });
    expect(await store.putOnce("huge", Buffer.alloc(100_000_000))).toBe("written");
    // AWS may also have forgotten the upload by the time of the second request.
    let completions = 0;
    intercept({
      before: (called) => {
        if (called !== "CompleteMultipartUpload" || completions++ === 0) return undefined;
        return s3ErrorAnswer(404, "NoSuchUpload");
      },
      after: first(1, "CompleteMultipartUpload", "hang up" as const),
    });
    await store.put("huge", Buffer.alloc(100_000_000, 1));
    expect(await store.get("huge", { start: -1 })).toEqual(new Uint8Array([1]));
  });

  it("stops and aborts an upload of which one part fails", async () => {
    intercept({ before: first(99, "UploadPart", s3ErrorAnswer(403, "AccessDenied")) });
    await expect(store.put("huge", Buffer.alloc(100_000_000))).rejects.toMatchObject({
      data: { reason: "AccessDenied" },
    });
    expect(server.operations).toContain("AbortMultipartUpload");
    expect(server.operations.filter((operation) => operation === "UploadPart").length).toBeLessThanOrEqual(4);
  });

  it("fetches an object again whose body broke off", async () => {
    await store.put("k", Buffer.alloc(100_000, 7));
    intercept({ after: first(2, "GetObject", "break off" as const) });
    expect(await store.get("k")).toEqual(new Uint8Array(100_000).fill(7));
    expect(server.operations.filter((operation) => operation === "GetObject")).toHaveLength(3);
  });

  it("notices a body that was changed on the way", async () => {
    await store.put("k", Buffer.from("true"));
    intercept({ after: (called, answer) => (called === "GetObject" ? { ...answer, body: "lies" } : undefined) });
    await expect(store.get("k")).rejects.toThrow(/Checksum mismatch/);
  });

  it("names the key and the missing permission when access is denied, and does not call it retryable", async () => {
    intercept({ before: (called) => (called.startsWith("List") ? undefined : s3ErrorAnswer(403, "AccessDenied")) });
    const denied = { code: "store_failed", retryable: false, data: { reason: "AccessDenied", key: "k" } };
    await expect(store.get("k")).rejects.toMatchObject(denied);
    await expect(store.get("k")).rejects.toThrow(
      /get s3:\/\/failures-test\/k failed: AccessDenied.*allow s3:GetObject/,
    );
    await expect(store.put("k", Buffer.of(1))).rejects.toThrow(/allow s3:PutObject/);
  });

  it("calls a server error retryable, after the SDK's own tries", async () => {
    intercept({ before: first(99, "GetObject", s3ErrorAnswer(503, "SlowDown")) });
    await expect(store.get("k")).rejects.toMatchObject({ code: "store_failed", retryable: true });
    expect(server.operations.filter((operation) => operation === "GetObject")).toHaveLength(2);
  });

  it("tries keys again that a bulk delete left for a passing reason, and those only", async () => {
    await store.put("a", Buffer.of(1));
    const body = "<DeleteResult><Error><Key>a</Key><Code>InternalError</Code></Error></DeleteResult>";
    intercept({ before: first(1, "DeleteObjects", { status: 200, headers: {}, body }) });
    await store.delete(["a", "b"]);
    expect(await store.get("a")).toBeUndefined();
    expect(sleptMs).toEqual([100]);
  });

  it("fails a delete when the reply to it names a key that may not be deleted", async () => {
    const body =
      "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    intercept({ before: first(1, "DeleteObjects", { status: 200, headers: {}, body }) });
    await expect(store.delete(["a", "b"])).rejects.toThrow(
      "delete s3://failures-test/b failed: AccessDenied: no (1 of 2 keys left) (allow s3:DeleteObject for these credentials)",
    );
  });

  it.each([{ start: 5, end: 5 }, { start: 5, end: 2 }, { start: -5, end: 3 }, { start: 1.5 }])(
    "refuses the range %o before it asks S3",
    async (range) => {
      await expect(store.get("k", range)).rejects.toMatchObject({ code: "invalid_option" });
      expect(server.operations).not.toContain("GetObject");
    },
  );
});
