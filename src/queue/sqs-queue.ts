/**
 * The queue on SQS, through the AWS SDK. The SDK retries requests; this adapter repeats only what the SDK takes for
 * success: single entries of a batch that SQS could not take.
 */

import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { systemClock } from "../base/clock.ts";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { RetryWorld } from "./batch-request.ts";
import { inParallel } from "./in-parallel.ts";
import { groupBodies, groupReceipts } from "./message-batches.ts";
import { toQueueError } from "./queue-error.ts";
import type { Queue, QueueDepth, QueueMessage } from "./queue.ts";
import { ackGroup, extendGroup, sendGroup } from "./sqs-groups.ts";
import type { SqsContext } from "./sqs-groups.ts";

export interface SqsQueueOptions {
  /** How long `receive` waits for a message, in seconds, 0 to 20. @default 20, the longest, so that waiting costs least */
  readonly waitSeconds?: number;
  /**
   * Who sends to a queue that several share: SQS then delivers fairly, so that nobody waits behind another's backlog. At
   * most 128 letters, digits and punctuation. Costs a quarter more for each request. @default nobody
   */
  readonly group?: string | undefined;
  /** Time and chance, for the waits between tries. @default the system's */
  readonly world?: RetryWorld;
}

/** Batches of one `send` that are under way at once: enough to hide latency, few enough to leave sockets for others. */
const maxConcurrentBatches = 4;

/** 12 hours: SQS lets no lease last longer. */
const maxLeaseMs = 43_200_000;

/** @param client decides region, credentials, endpoint and the number of retries */
export function createSqsQueue(client: SQSClient, url: string, options: SqsQueueOptions = {}): Queue {
  const { waitSeconds = 20, group, world = { clock: systemClock, random: Math.random } } = options;
  const context: SqsContext = { client, url, world };
  return {
    url,
    send: async (bodies, { signal } = {}) => {
      await inParallel(groupBodies(bodies), maxConcurrentBatches, signal, (batch, either) =>
        attempt("send", url, signal, () => sendGroup(context, batch, group, either)),
      );
    },
    receive: (max, { signal, waitMs } = {}) => {
      const seconds = waitMs === undefined ? waitSeconds : Math.min(waitSeconds, Math.ceil(waitMs / 1000));
      return attempt("receive", url, signal, () => receive(context, max, seconds, signal));
    },
    ack: async (receipts, { signal } = {}) => {
      await inParallel(groupReceipts(receipts), maxConcurrentBatches, signal, (group, either) =>
        attempt("ack", url, signal, () => ackGroup(context, group, either)),
      );
    },
    extend: async (receipts, leaseMs, { signal } = {}) => {
      const seconds = leaseSeconds(leaseMs);
      const lapsed = await inParallel(groupReceipts(receipts), maxConcurrentBatches, signal, (group, either) =>
        attempt("extend", url, signal, () => extendGroup(context, group, seconds, either)),
      );
      return lapsed.flat();
    },
    depth: ({ signal } = {}) => attempt("read the depth", url, signal, () => readDepth(context, signal)),
  };
}

async function attempt<T>(
  action: string,
  url: string,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await call();
  } catch (error) {
    throw toQueueError(error, action, url, signal);
  }
}

async function receive(
  { client, url }: SqsContext,
  max: number,
  waitSeconds: number,
  signal: AbortSignal | undefined,
): Promise<readonly QueueMessage[]> {
  const reply = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: max,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    }),
    signal === undefined ? {} : { abortSignal: signal },
  );
  return (reply.Messages ?? []).map(toQueueMessage); // the SDK leaves the list out when it is empty
}

async function readDepth({ client, url }: SqsContext, signal: AbortSignal | undefined): Promise<QueueDepth> {
  const names = {
    waiting: "ApproximateNumberOfMessages",
    inFlight: "ApproximateNumberOfMessagesNotVisible",
    delayed: "ApproximateNumberOfMessagesDelayed",
  } as const;
  const { Attributes: attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: Object.values(names) }),
    signal === undefined ? {} : { abortSignal: signal },
  );
  const read = (name: keyof typeof names): number => Number(attributes[names[name]] ?? 0);
  return { waiting: read("waiting"), inFlight: read("inFlight"), delayed: read("delayed") };
}

function toQueueMessage(message: Message): QueueMessage {
  if (message.ReceiptHandle === undefined || message.Body === undefined) {
    throw new CloudburstError(
      "queue_failed",
      `SQS gave a message without a receipt or a body: ${message.MessageId ?? ""}`,
    );
  }
  return {
    body: message.Body,
    receipt: message.ReceiptHandle,
    deliveries: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
  };
}

function leaseSeconds(leaseMs: number): number {
  if (leaseMs >= 0 && leaseMs <= maxLeaseMs) return Math.ceil(leaseMs / 1000);
  throw new InvalidOptionError(`a lease must be 0 to ${maxLeaseMs} ms, got ${leaseMs}`, { leaseMs });
}
