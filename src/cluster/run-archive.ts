/**
 * What a run has left in its bucket, for a driver that resumes it, before anything is opened.
 *
 *  A1 A run has one driver at a time. Taking over is one conditional write of the run's lease, which only one of several can
 *     win, and which the driver before loses by renewing.
 *  A2 How long a driver has been silent is told by AWS's clocks alone.
 */
import { randomBytes } from "node:crypto";
import { ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { CloudburstError, toError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import { runDescriptionKey, runLeaseKey, runPrefix } from "../wire/keys.ts";
import { decodeRunDescription, type RunDescription } from "../wire/run-description.ts";
import { decodeRunLease, driverSilenceMs, encodeRunLease, type RunLease } from "../wire/run-lease.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";

/** Disposing of it closes its clients. */
export interface RunArchive extends AsyncDisposable {
  /**
   * @throws CloudburstError `no_such_run`, `nothing_to_resume` or `run_alive`; nothing has been changed then
   */
  describe(runId: string): Promise<RunDescription>;
  /**
   * Makes the caller the run's driver, and returns its number. What the drivers before want done is over from now on (A1).
   * @throws CloudburstError as `describe`, and `run_alive` when another one was quicker
   */
  takeOver(runId: string): Promise<number>;
  /** The driver could not begin: the run can be resumed at once again. */
  giveBack(runId: string, driver: number): Promise<void>;
}

export type OpenRunArchive = (signal: AbortSignal) => Promise<RunArchive>;

export interface ArchivePlace {
  readonly s3: S3Client;
  readonly store: Store;
  readonly bucket: string;
  readonly kmsKeyId?: string | undefined;
  readonly signal: AbortSignal;
  readonly close: () => void;
}

export function createRunArchive(place: ArchivePlace): RunArchive {
  const { store, signal, close } = place;
  return {
    describe: async (runId) => {
      await readStanding(place, runId);
      const body = await store.get(runDescriptionKey(runId), undefined, { signal });
      if (body !== undefined) return decodeRunDescription(Buffer.from(body).toString("utf8"));
      throw new CloudburstError(
        "nothing_to_resume",
        `there is nothing left of run ${runId} in the bucket ${place.bucket} to go on from: it has ended with success, or never ` +
          "began, or its objects have been deleted by age (run the flow anew)",
        { data: { runId } },
      );
    },
    takeOver: async (runId) => {
      const { lease, etag } = await readStanding(place, runId);
      const driver = (lease.driver ?? 1) + 1;
      await replaceLease(place, runId, etag, { v: 1, state: "running", renewal: 0, driver, notices: noQueue() });
      return driver;
    },
    giveBack: async (runId, driver) => {
      const lease = encodeRunLease({ v: 1, state: "ended", renewal: 0, driver, notices: noQueue() });
      await store.put(runLeaseKey(runId), Buffer.from(lease));
    },
    [Symbol.asyncDispose]: () => {
      close();
      return Promise.resolve();
    },
  };
}

/** No worker works for it, and no two drivers write the same. */
const noQueue = (): string => `none-${randomBytes(8).toString("hex")}`;

interface Standing {
  readonly lease: RunLease;
  /** Of the version of the lease that was read. */
  readonly etag: string;
}

/** @throws CloudburstError when there is no such run, or it has a driver */
async function readStanding(place: ArchivePlace, runId: string): Promise<Standing> {
  const { store, bucket, signal } = place;
  const written = await look(place, runLeaseKey(runId));
  const body = written && (await store.get(runLeaseKey(runId), undefined, { signal }));
  if (written === undefined || body === undefined) {
    throw new CloudburstError(
      "no_such_run",
      `there is no run ${runId} in the bucket ${bucket} (is it the id of a run on this cluster? The bucket deletes the objects of ` +
        "runs by their age)",
      { data: { runId, bucket } },
    );
  }
  const lease = decodeRunLease(Buffer.from(body).toString("utf8"));
  if (lease.state === "running") await refuseLiving(place, runId, written.at);
  return { lease, etag: written.etag };
}

async function refuseLiving(place: ArchivePlace, runId: string, renewedAt: number): Promise<void> {
  const silentMs = (await readServerTime(place)) - renewedAt;
  if (silentMs >= driverSilenceMs) return;
  throw livingError(runId, `its lease was renewed ${String(Math.max(0, Math.round(silentMs / 1000)))} seconds ago`, {
    waitMs: driverSilenceMs - silentMs,
  });
}

function livingError(runId: string, why: string, data: Readonly<Record<string, unknown>>): CloudburstError {
  return new CloudburstError(
    "run_alive",
    `run ${runId} is still being driven, or its driver died less than ${String(driverSilenceMs / 1000)} seconds ago: ${why} ` +
      "(end that driver, or wait until the time is over)",
    { retryable: true, data: { runId, ...data } },
  );
}

/** A1: only the version that was judged is replaced. */
async function replaceLease(place: ArchivePlace, runId: string, etag: string, lease: RunLease): Promise<void> {
  const { s3, bucket, kmsKeyId, signal } = place;
  const Key = runLeaseKey(runId);
  const encryption =
    kmsKeyId === undefined
      ? {}
      : { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true };
  const Body = Buffer.from(encodeRunLease(lease));
  try {
    const command = new PutObjectCommand({ Bucket: bucket, Key, Body, IfMatch: etag, ...encryption });
    await s3.send(command, { abortSignal: signal });
  } catch (error) {
    signal.throwIfAborted();
    const { name } = toError(error);
    const changed = name === "PreconditionFailed" || name === "ConditionalRequestConflict";
    // A request whose reply was lost is made again, and finds what it has written itself.
    if (changed && Buffer.compare((await place.store.get(Key, undefined, { signal })) ?? Body, Body) === 0) return;
    if (changed) throw livingError(runId, "another driver has just written its lease", {});
    throw awsTrouble(error, { doing: `take over run ${runId}`, action: "s3:PutObject", resource: `${bucket}/${Key}` });
  }
}

/** S3 says when an object was written; one that is written now tells its time. */
async function readServerTime(place: ArchivePlace): Promise<number> {
  const { store, signal } = place;
  const key = `${runPrefix(`look${randomBytes(8).toString("hex")}`)}probe`;
  await store.put(key, new Uint8Array(), { signal });
  try {
    const probe = await look(place, key);
    if (probe !== undefined) return probe.at;
    throw new CloudburstError("no_time", `S3 does not tell when ${key} was written`);
  } finally {
    await store.delete([key]); // also when the user has lost patience
  }
}

async function look(
  { s3, bucket, signal }: ArchivePlace,
  key: string,
): Promise<{ readonly at: number; readonly etag: string } | undefined> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 });
  const { Contents: objects = [] } = await s3.send(command, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw awsTrouble(error, { doing: `look for ${key}`, action: "s3:ListBucket", resource: bucket });
  });
  const found = objects.find(({ Key }) => Key === key);
  const at = found?.LastModified?.getTime();
  return at === undefined || found?.ETag === undefined ? undefined : { at, etag: found.ETag };
}
