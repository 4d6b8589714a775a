/** The queues of a run: made for it, removed after it, and never shared. */
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { CloudburstError, toError } from "../base/errors.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";

export interface RunQueue {
  readonly name: string;
  readonly url: string;
}

/** One of the drivers that a run may have, one after the other. */
export interface RunDriver {
  readonly runId: string;
  /** Counts them. SQS gives a name again only a minute after its queue was deleted, and what is left is told apart by it. */
  readonly driver: number;
}

export interface RunQueues {
  readonly tasks: RunQueue;
  readonly notices: RunQueue;
}

export interface RunQueueOptions extends RunDriver {
  /** How long a message in a worker's hand stays out of others' sight without renewal. */
  readonly leaseMs: number;
  /** The run's bucket: by it a queue is told from one of another stack, long after its run. */
  readonly bucket: string;
  /** Encrypts messages. @default SQS's own key */
  readonly kmsKeyId?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Messages of a run that died are forgotten after a day. */
const retentionSeconds = 24 * 60 * 60;

/** SQS's names for a queue that is not there, by protocol. */
const missing = new Set(["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]);

export const bucketTag = "cloudburst:bucket";

// Permissions are granted on these names: cluster-arns.ts of the stack has the patterns.
const taskQueueName = (driver: RunDriver): string => `cloudburst-${driverName(driver)}-tasks`;
const noticeQueueName = (driver: RunDriver): string => `cloudburst-${driverName(driver)}-notices`;
const runQueueName = /^cloudburst-(?<runId>[a-z0-9]+)(?:-\d+)?-(?:tasks|notices)$/u;

/** Names what a driver makes for the run: the run's id, and from the second driver on its number. */
export function driverName({ runId, driver }: RunDriver): string {
  return driver === 1 ? runId : `${runId}-${String(driver)}`;
}

/** The run of which a driver has made what is named so. */
export const runOfDriver = (name: string): string => name.replace(/-\d+$/u, "");

/** The drivers that the run had before, the first one first. */
export function driversBefore({ runId, driver }: RunDriver): readonly RunDriver[] {
  return Array.from({ length: driver - 1 }, (_, before) => ({ runId, driver: before + 1 }));
}

/** A queue of a run, found by its name. */
export interface ListedQueue extends RunQueue {
  readonly runId: string;
}

/** Queues of all runs of the account and region: names do not tell which stack's they are. */
export async function listRunQueues(sqs: SQSClient, signal?: AbortSignal): Promise<readonly ListedQueue[]> {
  const queues: ListedQueue[] = [];
  let token: string | undefined;
  do {
    const command = new ListQueuesCommand({ QueueNamePrefix: "cloudburst-", MaxResults: 1_000, NextToken: token });
    const page = await sqs.send(command, signal === undefined ? {} : { abortSignal: signal });
    for (const url of page.QueueUrls ?? []) {
      const name = url.slice(url.lastIndexOf("/") + 1);
      const runId = runQueueName.exec(name)?.groups?.["runId"];
      if (runId !== undefined) queues.push({ name, url, runId });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return queues;
}

export function isMissingQueue(error: unknown): boolean {
  return missing.has(toError(error).name);
}

/** Makes both, or leaves none. */
export async function createRunQueues(sqs: SQSClient, options: RunQueueOptions): Promise<RunQueues> {
  const names = [taskQueueName(options), noticeQueueName(options)];
  const made = await Promise.allSettled(names.map((name) => create(sqs, name, options)));
  const [tasks, notices] = made.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (tasks !== undefined && notices !== undefined) return { tasks, notices };
  // A request without a reply may have been carried out: both names are cleared, whatever is known of them.
  const unsure = names.map((name) => ({ name }));
  await removeQueues(sqs, unsure).catch(() => undefined); // the failure below is the cause
  throw made.find((result) => result.status === "rejected")?.reason;
}

/** Makes the notice queue alone, for a run whose task queue is a shared cluster's; or leaves none. */
export async function createNoticeQueue(sqs: SQSClient, options: RunQueueOptions): Promise<RunQueue> {
  const name = noticeQueueName(options);
  try {
    return await create(sqs, name, options);
  } catch (error) {
    await removeQueues(sqs, [{ name }]).catch(() => undefined); // the failure above is the cause
    throw error;
  }
}

/**
 * Removes queues by their URL, or by name where that is not known.
 * @throws CloudburstError `queues_left` that names those that could not be removed, after all were tried
 */
export async function removeQueues(
  sqs: SQSClient,
  queues: readonly { readonly name: string; readonly url?: string }[],
): Promise<void> {
  const removed = await Promise.allSettled(queues.map(({ name, url }) => remove(sqs, name, url)));
  const failures = removed.flatMap((result) => (result.status === "rejected" ? [toError(result.reason)] : []));
  const [first] = failures;
  if (first === undefined) return;
  const left = queues.filter((_queue, index) => removed[index]?.status === "rejected").map(({ name }) => name);
  throw new CloudburstError(
    "queues_left",
    `the queues ${left.join(", ")} are left: ${first.message} (they cost nothing, and forget their messages within a day)`,
    { cause: first, data: { queues: left } },
  );
}

/** Removes what drivers that are gone have left: what was to be done for them, nobody wants any more. */
export async function removeQueuesOf(sqs: SQSClient, drivers: readonly RunDriver[]): Promise<void> {
  const names = drivers.flatMap((driver) => [taskQueueName(driver), noticeQueueName(driver)]);
  await removeQueues(
    sqs,
    names.map((name) => ({ name })),
  );
}

async function create(
  sqs: SQSClient,
  name: string,
  { leaseMs, bucket, kmsKeyId, tags }: RunQueueOptions,
): Promise<RunQueue> {
  const command = new CreateQueueCommand({
    QueueName: name,
    Attributes: {
      VisibilityTimeout: String(Math.ceil(leaseMs / 1000)),
      MessageRetentionPeriod: String(retentionSeconds),
      ...(kmsKeyId !== undefined && { KmsMasterKeyId: kmsKeyId }),
    },
    tags: { ...tags, [bucketTag]: bucket },
  });
  try {
    const { QueueUrl: url } = await sqs.send(command);
    if (url === undefined) throw new CloudburstError("no_queue", `SQS gave no URL for the queue ${name}`);
    return { name, url };
  } catch (error) {
    const doing = `create the queue ${name}`;
    throw awsTrouble(error, { doing, action: "sqs:CreateQueue", resource: `the queue ${name}` });
  }
}

async function remove(sqs: SQSClient, name: string, url: string | undefined): Promise<void> {
  try {
    const QueueUrl = url ?? (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  } catch (error) {
    if (isMissingQueue(error)) return;
    const doing = `remove the queue ${name}`;
    throw awsTrouble(error, { doing, action: "sqs:DeleteQueue", resource: `the queue ${name}` });
  }
}
