/**
 * An existing cluster: a task queue and workers that several runs share (decision 12), a stack's or a scheduler's. For the
 * run only its notice queue and its objects are made, and they go with it; how many workers there are is not for it to say.
 */
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { openS3Client, openSqsClient } from "../aws/clients.ts";
import { createRequestCounter, type RequestCounter } from "../aws/request-counter.ts";
import { systemClock } from "../base/clock.ts";
import { InvalidOptionError, toError } from "../base/errors.ts";
import { createSqsQueue } from "../queue/sqs-queue.ts";
import { createS3Store } from "../store/s3-store.ts";
import type { Store } from "../store/store.ts";
import type { ParsedAddress } from "./address.ts";
import type { Cluster, ClusterRun, OpenCluster } from "./cluster.ts";
import type { AwsOptions } from "./fargate-options.ts";
import { joinScheduler } from "./join-scheduler.ts";
import { joinStack } from "./join-stack.ts";
import { LossWatch } from "./loss-watch.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";
import { createRunArchive, type OpenRunArchive } from "./run-archive.ts";
import { removeObjects } from "./run-objects.ts";
import { createNoticeQueue, driversBefore, removeQueues, removeQueuesOf, type RunQueue } from "./run-queues.ts";
import type { SharedPlace } from "./shared-place.ts";

/** Slots that are counted on until workers say how many they have: with the window, enough chunks to wake four workers. */
const assumedSlots = 4;
/** The driver deletes notices in groups, when it gets to it: they must not come back before. */
const noticeLeaseMs = 5 * 60 * 1000;
const runTag = "cloudburst:run";

/** @throws InvalidOptionError for options that are wrong; no request has been made then */
export function openExistingCluster(address: ParsedAddress, options: AwsOptions): OpenCluster {
  if (options.security?.kmsKeyId !== undefined) {
    throw new InvalidOptionError(
      "`security.kmsKeyId` belongs to temporary clusters: what a shared cluster's workers write is encrypted as its bucket and " +
        "its queue say (give these the key: npx cloudburst deploy -c kmsKeyArn=arn:aws:kms:…)",
    );
  }
  const find = address.kind === "stack" ? joinStack(address, options) : joinScheduler(address, options);
  return async (run) => {
    const counter = createRequestCounter();
    return await openShared(await find(counter, run.signal), counter, run);
  };
}

/** What runs have left in the cluster's bucket, for those that are to be resumed. */
export function openExistingArchive(address: ParsedAddress, options: AwsOptions): OpenRunArchive {
  const find = address.kind === "stack" ? joinStack(address, options) : joinScheduler(address, options);
  return async (signal) => {
    const counter = createRequestCounter();
    const { settings, bucket } = await find(counter, signal);
    const s3 = openS3Client(settings, counter);
    const store = createS3Store(s3, bucket);
    return createRunArchive({ s3, store, bucket, signal, close: () => s3.destroy() });
  };
}

async function openShared(place: SharedPlace, counter: RequestCounter, run: ClusterRun): Promise<Cluster> {
  const sqs = openSqsClient(place.settings, counter);
  const s3 = openS3Client(place.settings, counter);
  const closeClients = (): void => {
    sqs.destroy();
    s3.destroy();
  };
  try {
    const leaseMs = await readLease(sqs, place);
    run.signal.throwIfAborted();
    const tags = { [runTag]: run.runId };
    const driver = { runId: run.runId, driver: run.driver ?? 1 };
    await tryAll(run, [removeQueuesOf(sqs, driversBefore(driver))]);
    const notices = await createNoticeQueue(sqs, {
      ...driver,
      leaseMs: noticeLeaseMs,
      bucket: place.bucket,
      kmsKeyId: place.kmsKeyId,
      tags,
    });
    if (place.queueSettleMs > 0) await systemClock.sleep(place.queueSettleMs, run.signal).catch(() => undefined); // ends by the signal only
    const watch = new LossWatch(place.lossOf);
    const store = watch.over(createS3Store(s3, place.bucket, place));
    let closing: Promise<void> | undefined;
    let endedWell = false;
    const closeParts = async (): Promise<void> => {
      const about = watch.lost ? { ...run, warn: () => undefined } : run;
      await close(sqs, notices, about, endedWell ? store : undefined).finally(closeClients);
    };
    return {
      description: place.description,
      tasks: watch.over(createSqsQueue(sqs, place.queueUrl, { group: run.runId })),
      notices: watch.over(createSqsQueue(sqs, notices.url)),
      store,
      fleet: undefined,
      workers: assumedSlots,
      slotsPerWorker: 1,
      windowPerSlot: place.windowPerSlot,
      leaseMs,
      watchMs: place.watchMs,
      patience: place.patience,
      requestCounts: () => counter.counts(),
      discardResults: () => (endedWell = true),
      [Symbol.asyncDispose]: () => (closing ??= closeParts()),
    };
  } catch (error) {
    closeClients();
    throw place.lossOf(error) ?? error;
  }
}

/** The queue's own lease; asking for it tells as well, before anything is made, whether the queue may be used. */
async function readLease(sqs: SQSClient, { queueUrl, description }: SharedPlace): Promise<number> {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["VisibilityTimeout"] });
    const { Attributes: attributes = {} } = await sqs.send(command);
    return Number(attributes["VisibilityTimeout"]) * 1000;
  } catch (error) {
    const doing = `join ${description}`;
    throw awsTrouble(error, { doing, action: "sqs:GetQueueAttributes", resource: queueUrl });
  }
}

/**
 * Never rejects: the run's results are not worse for what is left behind, which ends by itself (I7).
 * @param store undefined keeps the run's objects, by which it can be resumed
 */
async function close(sqs: SQSClient, notices: RunQueue, run: ClusterRun, store: Store | undefined): Promise<void> {
  const clearing = store === undefined ? [] : [removeObjects(store, run.runId)];
  await tryAll(run, [removeQueues(sqs, [notices]), ...clearing]);
}

async function tryAll({ warn }: ClusterRun, steps: readonly Promise<void>[]): Promise<void> {
  for (const step of await Promise.allSettled(steps)) {
    if (step.status === "rejected") warn(`clean-up was incomplete: ${toError(step.reason).message}`);
  }
}
