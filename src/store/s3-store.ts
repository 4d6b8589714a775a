/**
 * The store on S3, through the AWS SDK. The SDK retries requests; this adapter repeats only what the SDK takes for success or
 * for a final answer: a body that breaks off, a conflict of conditional writes, and single keys that a bulk delete leaves.
 */

import type { S3Client } from "@aws-sdk/client-s3";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { backoffMs } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { systemClock } from "../base/clock.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { type Encryption, sendOptions, uploadInParts } from "./s3-upload.ts";
import { StoreError, toStoreError } from "./store-error.ts";
import type { StoreAction } from "./store-error.ts";
import type { ByteRange, Store } from "./store.ts";

const MULTIPART_FROM_BYTES = 100 * 1000 * 1000; // where AWS advises it
const MAX_DELETES = 1000; // of one DeleteObjects request
const MAX_ATTEMPTS = 5;
const BACKOFF = { baseMs: 100, maxMs: 2000 };

/** Failures of single keys in the reply to a bulk delete that another try may not meet. */
const PASSING_FAILURES: ReadonlySet<string> = new Set(["InternalError", "ServiceUnavailable", "SlowDown"]);

export interface S3StoreOptions {
  /** KMS key with which objects are encrypted: id, ARN or alias. @default as the bucket says */
  readonly kmsKeyId?: string | undefined;
  /** Time and chance, for the waits between tries. */
  readonly clock?: Clock;
  readonly random?: () => number;
}

interface Context {
  readonly client: S3Client;
  readonly bucket: string;
  readonly kmsKeyId: string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @param client decides region, credentials, endpoint, the number of retries, and checksums */
export function createS3Store(
  client: S3Client,
  bucket: string,
  { kmsKeyId, clock = systemClock, random = Math.random }: S3StoreOptions = {},
): Store {
  const context: Context = { client, bucket, kmsKeyId, clock, random };
  return {
    put: (key, body, options) =>
      attempt(put(context, key), options?.signal, () => write(context, key, body, options?.signal)),
    putOnce: (key, body, options) =>
      attempt(put(context, key), options?.signal, () => writeOnce(context, key, body, options?.signal)),
    get: (key, range, options) => {
      // Without s3:ListBucket, S3 answers AccessDenied for a key that does not exist.
      const decrypt = kmsKeyId === undefined ? "" : ` kms:Decrypt on ${kmsKeyId},`;
      const permissions = `s3:GetObject,${decrypt} and s3:ListBucket so that a missing key can be told from a denied one,`;
      const action = { verb: "get", bucket, key, permissions };
      return attempt(action, options?.signal, () => read(context, key, range, options?.signal));
    },
    list: (prefix, options) => list(context, prefix, options?.signal),
    delete: async (keys, options) => {
      for (let start = 0; start < keys.length; start += MAX_DELETES) {
        const batch = keys.slice(start, start + MAX_DELETES);
        const action = remove(context, batch[0] ?? "");
        await attempt(action, options?.signal, () => deleteBatch(context, batch, options?.signal));
      }
    },
  };
}

function put({ bucket, kmsKeyId }: Context, key: string): StoreAction {
  const keyPermissions = kmsKeyId === undefined ? "" : `, and kms:GenerateDataKey and kms:Decrypt on ${kmsKeyId},`;
  return { verb: "put", bucket, key, permissions: `s3:PutObject${keyPermissions}` };
}

function remove({ bucket }: Context, key: string): StoreAction {
  return { verb: "delete", bucket, key, permissions: "s3:DeleteObject" };
}

/** Translates what is thrown, once; a cancelled call rejects with the signal's reason, not with a failure. */
async function attempt<T>(action: StoreAction, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await call();
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof InvalidOptionError ? error : toStoreError(error, action);
  }
}

async function write(
  { client, bucket, kmsKeyId }: Context,
  key: string,
  body: Uint8Array,
  signal: AbortSignal | undefined,
  condition: { readonly IfNoneMatch?: "*" } = {},
): Promise<void> {
  const target = { Bucket: bucket, Key: key, ...condition };
  const encryption = kmsKeyId === undefined ? {} : encryptedWith(kmsKeyId);
  if (body.byteLength >= MULTIPART_FROM_BYTES) await uploadInParts(client, { ...target, encryption }, body, signal);
  else await client.send(new PutObjectCommand({ ...target, ...encryption, Body: body }), sendOptions(signal));
}

/** The bucket's own data key stands in for most requests to KMS, which are billed and limited. */
function encryptedWith(SSEKMSKeyId: string): Encryption {
  return { ServerSideEncryption: "aws:kms", SSEKMSKeyId, BucketKeyEnabled: true };
}

async function writeOnce(
  context: Context,
  key: string,
  body: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<"written" | "exists"> {
  for (let tries = 1; ; tries += 1) {
    try {
      await write(context, key, body, signal, { IfNoneMatch: "*" });
      return "written";
    } catch (error) {
      if (isNamed(error, "PreconditionFailed")) return "exists"; // I2
      if (!isNamed(error, "ConditionalRequestConflict") || tries === MAX_ATTEMPTS) throw error;
    }
    await pause(context, tries, signal);
  }
}

async function read(
  { client, bucket }: Context,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const command = { Bucket: bucket, Key: key, Range: formatRange(range) };
  for (let tries = 1; ; tries += 1) {
    const output = await client.send(new GetObjectCommand(command), sendOptions(signal)).catch(missingAsUndefined);
    if (output === undefined) return undefined;
    try {
      return (await output.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      // The SDK's retries end with the response's headers: what breaks off behind them is fetched again here.
      if (tries === MAX_ATTEMPTS || signal?.aborted === true) throw error;
    }
  }
}

function missingAsUndefined(error: unknown): undefined {
  if (!isNamed(error, "NoSuchKey")) throw error;
}

function formatRange(range: ByteRange | undefined): string | undefined {
  if (range === undefined) return undefined;
  const { start, end } = range;
  const valid = end === undefined || (start >= 0 && end > start);
  if (!valid || !Number.isSafeInteger(start) || (end !== undefined && !Number.isSafeInteger(end))) {
    throw new InvalidOptionError(
      `range must be { start } or { start, end } with 0 <= start < end, or a negative start alone, got { start: ${start}, end: ${String(end)} }`,
      { start, end },
    );
  }
  if (start === 0 && end === undefined) return undefined; // as a range, it would be refused for an empty object
  if (end !== undefined) return `bytes=${start}-${end - 1}`;
  return start < 0 ? `bytes=${start}` : `bytes=${start}-`;
}

async function* list(context: Context, prefix: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const { client, bucket } = context;
  const action = { verb: "list", bucket, key: prefix, permissions: "s3:ListBucket" };
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const page = await attempt(action, signal, () => client.send(command, sendOptions(signal)));
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function deleteBatch(context: Context, keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  let left = keys;
  for (let tries = 1; left.length > 0; tries += 1) {
    const Delete = { Objects: left.map((Key) => ({ Key })), Quiet: true };
    const command = new DeleteObjectsCommand({ Bucket: context.bucket, Delete });
    const { Errors: failures = [] } = await context.client.send(command, sendOptions(signal));
    const lasting = failures.find(({ Code }) => tries === MAX_ATTEMPTS || !PASSING_FAILURES.has(Code ?? ""));
    if (lasting !== undefined) {
      const reason = lasting.Code ?? "UnknownError";
      const detail = `${lasting.Message ?? "no message"} (${failures.length} of ${keys.length} keys left)`;
      const retryable = PASSING_FAILURES.has(reason);
      throw new StoreError(remove(context, lasting.Key ?? ""), { reason, detail, retryable });
    }
    left = failures.flatMap(({ Key }) => Key ?? []);
    if (left.length > 0) await pause(context, tries, signal);
  }
}

async function pause(context: Context, tries: number, signal: AbortSignal | undefined): Promise<void> {
  await context.clock.sleep(backoffMs(BACKOFF, tries, context.random), signal);
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof S3ServiceException && error.name === name;
}
