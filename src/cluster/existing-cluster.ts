/**
 * An existing cluster: the task queue and the workers of a stack's service, which several runs share (decision 12). For the
 * run only its notice queue and its objects are made, and they go with it; the service decides how many workers there are.
 */
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type AwsSettings, openS3Client, openSqsClient } from "../aws/clients.ts";
import { createRequestCounter, type RequestCounter } from "../aws/request-counter.ts";
import { systemClock } from "../base/clock.ts";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import { createSqsQueue } from "../queue/sqs-queue.ts";
import { createS3Store } from "../store/s3-store.ts";
import type { Store } from "../store/store.ts";
import type { ParsedAddress } from "./address.ts";
import { resolveAwsSettings } from "./aws-options.ts";
import type { Cluster, ClusterRun, OpenCluster } from "./cluster.ts";
import type { AwsOptions } from "./fargate-options.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";
import { removeObjects } from "./run-objects.ts";
import { createNoticeQueue, removeQueues, type RunQueue } from "./run-queues.ts";
import { findStack, type FoundStack } from "./stack-discovery.ts";

/** Slots that are counted on until workers say how many they have: with the window, enough chunks to wake four workers. */
const assumedSlots = 4;
/**
 * Beyond what keeps slots busy, since the depth of the queue is what the service grows by: above four chunks for each
 * worker it adds half, above eight it doubles. Fair delivery lets other runs' chunks pass.
 */
const windowPerSlot = 10;
/** Nothing is to be looked after but silence. */
const watchMs = 15_000;
/** The driver deletes notices in groups, when it gets to it: they must not come back before. */
const noticeLeaseMs = 5 * 60 * 1000;
/** AWS asks to wait so long before a new queue is used; an emulator's is there at once. */
const queueSettleMs = 1_000;
const runTag = "cloudburst:run";

interface Shared {
  readonly stack: FoundStack;
  readonly bucket: string;
  readonly queueUrl: string;
}

/** @throws InvalidOptionError for options that are wrong; no request has been made then */
export function openExistingCluster(address: ParsedAddress, options: AwsOptions): OpenCluster {
  if (options.security?.kmsKeyId !== undefined) {
    throw new InvalidOptionError(
      "`security.kmsKeyId` belongs to temporary clusters: what a shared cluster's workers write is encrypted as its bucket and " +
        "its queue say (give these the key)",
    );
  }
  const given = resolveAwsSettings({ ...options, region: address.region ?? options.region });
  return async (run) => {
    const counter = createRequestCounter();
    const shared = sharedParts(await findStack(address.stack, given, counter, run.signal));
    const settings = { ...given, region: given.region ?? shared.stack.values.region };
    return await openShared(shared, settings, counter, run);
  };
}

function sharedParts(stack: FoundStack): Shared {
  const { bucket, sharedQueueUrl: queueUrl } = stack.values;
  if (bucket !== undefined && queueUrl !== undefined) return { stack, bucket, queueUrl };
  throw new CloudburstError(
    "no_shared_cluster",
    `${stack.description} was deployed without a shared cluster (deploy it with \`-c shared=true\`, or take a temporary ` +
      'cluster: clusterClass "FargateCluster")',
    { data: { stack: stack.name } },
  );
}

async function openShared(
  shared: Shared,
  settings: AwsSettings,
  counter: RequestCounter,
  run: ClusterRun,
): Promise<Cluster> {
  const sqs = openSqsClient(settings, counter);
  const s3 = openS3Client(settings, counter);
  const closeClients = (): void => {
    sqs.destroy();
    s3.destroy();
  };
  try {
    const leaseMs = await readLease(sqs, shared);
    run.signal.throwIfAborted();
    const tags = { [runTag]: run.runId };
    const { bucket } = shared;
    const notices = await createNoticeQueue(sqs, { runId: run.runId, leaseMs: noticeLeaseMs, bucket, tags });
    if (settings.endpoint === undefined) await systemClock.sleep(queueSettleMs, run.signal).catch(() => undefined); // ends by the signal only
    const store = createS3Store(s3, shared.bucket);
    let closing: Promise<void> | undefined;
    return {
      description: `the shared cluster of ${shared.stack.description}`,
      tasks: createSqsQueue(sqs, shared.queueUrl, { group: run.runId }),
      notices: createSqsQueue(sqs, notices.url),
      store,
      fleet: undefined,
      workers: assumedSlots,
      slotsPerWorker: 1,
      windowPerSlot,
      leaseMs,
      watchMs,
      requestCounts: () => counter.counts(),
      [Symbol.asyncDispose]: () => (closing ??= close(sqs, notices, store, run).finally(closeClients)),
    };
  } catch (error) {
    closeClients();
    throw error;
  }
}

/** The queue's own lease; asking for it tells as well, before anything is made, whether the queue may be used. */
async function readLease(sqs: SQSClient, { queueUrl, stack }: Shared): Promise<number> {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["VisibilityTimeout"] });
    const { Attributes: attributes = {} } = await sqs.send(command);
    return Number(attributes["VisibilityTimeout"]) * 1000;
  } catch (error) {
    const doing = `join the shared cluster of ${stack.description}`;
    throw awsTrouble(error, { doing, action: "sqs:GetQueueAttributes", resource: queueUrl });
  }
}

/** Never rejects: the run's results are not worse for what is left behind, which ends by itself (I7). */
async function close(sqs: SQSClient, notices: RunQueue, store: Store, run: ClusterRun): Promise<void> {
  for (const step of await Promise.allSettled([removeQueues(sqs, [notices]), removeObjects(store, run.runId)])) {
    if (step.status === "rejected") run.warn(`clean-up was incomplete: ${toError(step.reason).message}`);
  }
}
