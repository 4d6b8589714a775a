/**
 * What runs have left whose drivers are gone: a driver that was killed removes nothing. Only looking and asking; nothing of
 * a living run is ever taken for left.
 *
 *  D1 A run is dead when its lease has not been renewed for `olderThanMs`. A living driver renews it every 30 seconds.
 *  D2 Without a lease, which the bucket's lifecycle deletes days after its last renewal, a queue is a dead run's only when
 *     it is tagged with this bucket and as old. Workers without a lease are left alone: they leave by themselves (I7).
 *  D3 Ages are told by AWS's clocks alone: a clock that is wrong on this machine makes no living run look dead.
 */
import { randomBytes } from "node:crypto";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ListQueueTagsCommand } from "@aws-sdk/client-sqs";
import { CloudburstError } from "../base/errors.ts";
import { inParallel } from "../queue/in-parallel.ts";
import { createS3Store } from "../store/s3-store.ts";
import { runLeaseKey, runPrefix } from "../wire/keys.ts";
import type { ClusterClients } from "./cluster-clients.ts";
import { type Attempt, awsTrouble } from "./preflight/aws-trouble.ts";
import { bucketTag, isMissingQueue, listRunQueues, type ListedQueue } from "./run-queues.ts";
import { listWorkers, type ListedWorker } from "./run-workers.ts";

/** The stack's parts in which runs leave something. */
export interface DeadRunsPlace {
  readonly clients: ClusterClients;
  readonly bucket: string;
  /** Name of the ECS cluster. */
  readonly ecsCluster: string;
  /** A run whose lease was renewed later than this is alive. */
  readonly olderThanMs: number;
  readonly signal: AbortSignal;
}

export interface Leftovers {
  /** Runs whose drivers are gone. */
  readonly runIds: ReadonlySet<string>;
  readonly queues: readonly ListedQueue[];
  readonly workers: readonly ListedWorker[];
  /** Queues of runs that may be alive. */
  readonly living: readonly ListedQueue[];
  /** Queues of runs that may be another stack's. */
  readonly foreign: readonly ListedQueue[];
}

/** SQS has forgotten the messages of a run after this time, so that not even a driver that slept could go on with it. */
export const usualSilence = "1d";
/** Requests at once: enough for hundreds of runs in seconds, few beside what the account may ask. */
const maxAtOnce = 8;

/** @throws CloudburstError `access_denied` that names the action, or what else AWS refused and why */
export async function findLeftovers(place: DeadRunsPlace): Promise<Leftovers> {
  const { clients, signal, ecsCluster } = place;
  const [queues, workers] = await Promise.all([
    asked("list queues", "sqs:ListQueues", "*", () => listRunQueues(clients.sqs, signal)),
    asked("list workers", "ecs:ListTasks", `the cluster ${ecsCluster}`, () =>
      listWorkers(clients.ecs, ecsCluster, signal),
    ),
  ]);
  const runIds = [...new Set([...queues, ...workers].flatMap(({ runId }) => runId ?? []))];
  if (runIds.length === 0) return { runIds: new Set(), queues: [], workers: [], living: [], foreign: [] };
  const now = await readServerTime(place);
  const leases = new Map(await readLeases(place, runIds));
  const isOld = (at: number): boolean => now - at >= place.olderThanMs;
  const judge = async (queue: ListedQueue): Promise<"dead" | "living" | "foreign"> => {
    const renewedAt = leases.get(queue.runId);
    if (renewedAt !== undefined) return isOld(renewedAt) ? "dead" : "living"; // D1
    const made = await readMaking(place, queue); // D2
    if (made?.bucket !== place.bucket) return "foreign";
    return isOld(made.at) ? "dead" : "living";
  };
  const verdicts = await inParallel(queues, maxAtOnce, signal, judge);
  const judged = (as: string): ListedQueue[] => queues.filter((_queue, at) => verdicts[at] === as);
  const left = workers.filter(({ runId }) => {
    const renewedAt = leases.get(runId ?? "");
    return renewedAt !== undefined && isOld(renewedAt); // D2
  });
  const dead = judged("dead");
  return {
    runIds: new Set([...dead, ...left].flatMap(({ runId }) => runId ?? [])),
    queues: dead,
    workers: left,
    living: judged("living"),
    foreign: judged("foreign"),
  };
}

/** D3: S3 says when an object was written; one that is written now tells its time. */
async function readServerTime(place: DeadRunsPlace): Promise<number> {
  const { clients, bucket, signal } = place;
  const key = `${runPrefix(`look${randomBytes(8).toString("hex")}`)}probe`;
  await asked("write a probe", "s3:PutObject", `arn:aws:s3:::${bucket}/${key}`, () =>
    clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: new Uint8Array() }), {
      abortSignal: signal,
    }),
  );
  try {
    const writtenAt = await lastModified(place, key);
    if (writtenAt !== undefined) return writtenAt;
    throw new CloudburstError("no_time", `S3 does not tell when ${key} was written`);
  } finally {
    await createS3Store(clients.s3, bucket).delete([key]); // also when the user has lost patience
  }
}

async function readLeases(place: DeadRunsPlace, runIds: readonly string[]): Promise<[string, number][]> {
  const times = await inParallel(runIds, maxAtOnce, place.signal, (runId) => lastModified(place, runLeaseKey(runId)));
  return runIds.flatMap((runId, at): [string, number][] => {
    const time = times[at];
    return time === undefined ? [] : [[runId, time]];
  });
}

async function lastModified({ clients, bucket, signal }: DeadRunsPlace, key: string): Promise<number | undefined> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 });
  const { Contents: objects = [] } = await asked("read leases", "s3:ListBucket", `arn:aws:s3:::${bucket}`, () =>
    clients.s3.send(command, { abortSignal: signal }),
  );
  return objects.find(({ Key }) => Key === key)?.LastModified?.getTime();
}

interface Making {
  readonly bucket: string | undefined;
  readonly at: number;
}

/** Undefined when the queue has been removed meanwhile. */
async function readMaking({ clients, signal }: DeadRunsPlace, queue: ListedQueue): Promise<Making | undefined> {
  const { url: QueueUrl, name } = queue;
  const options = { abortSignal: signal };
  const look = { QueueUrl, AttributeNames: ["CreatedTimestamp" as const] };
  try {
    const [{ Tags: tags = {} }, { Attributes: attributes = {} }] = await Promise.all([
      asked("read a queue's tags", "sqs:ListQueueTags", name, () =>
        clients.sqs.send(new ListQueueTagsCommand({ QueueUrl }), options),
      ),
      asked("read a queue's age", "sqs:GetQueueAttributes", name, () =>
        clients.sqs.send(new GetQueueAttributesCommand(look), options),
      ),
    ]);
    return { bucket: tags[bucketTag], at: Number(attributes["CreatedTimestamp"]) * 1000 };
  } catch (error) {
    if (error instanceof CloudburstError && isMissingQueue(error.cause)) return undefined;
    throw error;
  }
}

async function asked<T>(doing: string, action: string, resource: string, ask: () => Promise<T>): Promise<T> {
  const attempt: Attempt = { doing, action, resource };
  return await ask().catch((error: unknown) => {
    throw awsTrouble(error, attempt);
  });
}
