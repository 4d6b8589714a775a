/** Single requests for groups of up to ten messages: the plain call for one, the batch call for several. */

import type { SQSClient } from "@aws-sdk/client-sqs";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { performBatch } from "./batch-request.ts";
import type { FailedEntry, RetryWorld } from "./batch-request.ts";
import { QueueError } from "./queue-error.ts";

export interface SqsContext {
  readonly client: SQSClient;
  readonly url: string;
  readonly world: RetryWorld;
}

/** How SQS says that a receipt no longer holds its message. */
const lapsedCodes: ReadonlySet<string> = new Set([
  "InvalidParameterValue",
  "MessageNotInflight",
  "ReceiptHandleIsInvalid",
]);

export async function sendGroup(
  { client, url, world }: SqsContext,
  bodies: readonly string[],
  sender: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const [only] = bodies;
  const fairness = sender === undefined ? {} : { MessageGroupId: sender };
  if (bodies.length === 1 && only !== undefined) {
    const command = new SendMessageCommand({ QueueUrl: url, MessageBody: only, ...fairness });
    await client.send(command, { abortSignal: signal });
    return;
  }
  const failed = await performBatch(
    bodies,
    async (entries) => {
      const Entries = entries.map(({ Id, item }) => ({ Id, MessageBody: item, ...fairness }));
      return (await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }), { abortSignal: signal }))
        .Failed;
    },
    world,
    signal,
  );
  throwFirst("send", url, failed);
}

export async function ackGroup(
  { client, url, world }: SqsContext,
  receipts: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const [only] = receipts;
  if (receipts.length === 1 && only !== undefined) {
    const command = new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: only });
    await client.send(command, { abortSignal: signal }).catch(rethrowUnlessLapsed);
    return;
  }
  const failed = await performBatch(
    receipts,
    async (entries) => {
      const Entries = entries.map(({ Id, item }) => ({ Id, ReceiptHandle: item }));
      return (await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }), { abortSignal: signal }))
        .Failed;
    },
    world,
    signal,
  );
  throwFirst(
    "ack",
    url,
    failed.filter(({ code }) => !lapsedCodes.has(code)),
  );
}

/** Returns the receipts whose lease could not be extended. */
export async function extendGroup(
  { client, url, world }: SqsContext,
  receipts: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [only] = receipts;
  const VisibilityTimeout = seconds;
  if (receipts.length === 1 && only !== undefined) {
    const command = new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: only, VisibilityTimeout });
    const lapsed = await client.send(command, { abortSignal: signal }).then(() => false, rethrowUnlessLapsed);
    return lapsed ? [only] : [];
  }
  const failed = await performBatch(
    receipts,
    async (entries) => {
      const Entries = entries.map(({ Id, item }) => ({ Id, ReceiptHandle: item, VisibilityTimeout }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries });
      return (await client.send(command, { abortSignal: signal })).Failed;
    },
    world,
    signal,
  );
  throwFirst(
    "extend",
    url,
    failed.filter(({ code }) => !lapsedCodes.has(code)),
  );
  return failed.flatMap(({ index }) => receipts[index] ?? []);
}

/** True for a receipt that no longer holds its message; anything else is thrown again. */
function rethrowUnlessLapsed(error: unknown): boolean {
  if (error instanceof Error && lapsedCodes.has(error.name)) return true;
  throw error;
}

function throwFirst(action: string, url: string, failed: readonly FailedEntry[]): void {
  const [first] = failed;
  if (first === undefined) return;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
  throw new QueueError("queue_failed", `cannot ${action} on queue ${url}: ${first.code}: ${first.message}${others}`, {
    retryable: !first.senderFault,
    data: { url, reason: first.code },
  });
}
