/** Operations on messages: the hot path. */

import type { AwsOperation } from "../aws-json.ts";
import { readInteger, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { ServiceRequest } from "../service.ts";
import { performEach, readEntries } from "./batch.ts";
import type { Delivery, EmbeddedQueue, OutgoingMessage } from "./embedded-queue.ts";
import { readOutgoing } from "./message-body.ts";
import { maxMessageBytes, maxVisibilitySeconds } from "./queue-attributes.ts";
import { queueOf, requireText } from "./queue-operations.ts";
import type { QueueRegistry } from "./queue-registry.ts";
import { batchTooLong, invalidValue, missingParameter } from "./sqs-errors.ts";

export function messageOperations(queues: QueueRegistry): Readonly<Record<string, AwsOperation>> {
  return {
    SendMessage: (input) => {
      const queue = queueOf(queues, input);
      const message = readOutgoing(input, queue);
      queue.send([message]);
      return { MessageId: message.id, MD5OfMessageBody: message.md5 };
    },
    SendMessageBatch: (input) => sendBatch(queueOf(queues, input), readEntries(input)),
    ReceiveMessage: (input, request) => receive(queueOf(queues, input), input, request),
    DeleteMessage: (input) => deleteMessage(queueOf(queues, input), input),
    DeleteMessageBatch: (input) => {
      const queue = queueOf(queues, input);
      return performEach(readEntries(input), (entry) => deleteMessage(queue, entry));
    },
    ChangeMessageVisibility: (input) => changeVisibility(queueOf(queues, input), input),
    ChangeMessageVisibilityBatch: (input) => {
      const queue = queueOf(queues, input);
      return performEach(readEntries(input), (entry) => changeVisibility(queue, entry));
    },
  };
}

function sendBatch(queue: EmbeddedQueue, entries: readonly JsonObject[]): object {
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(requireText(entry, "MessageBody")), 0);
  if (bytes > maxMessageBytes) throw batchTooLong(maxMessageBytes, bytes);
  const messages: OutgoingMessage[] = [];
  const result = performEach(entries, (entry) => {
    const message = readOutgoing(entry, queue);
    messages.push(message);
    return { MessageId: message.id, MD5OfMessageBody: message.md5 };
  });
  queue.send(messages); // all at once, so that receives that wait share them
  return result;
}

async function receive(queue: EmbeddedQueue, input: JsonObject, request: ServiceRequest): Promise<object> {
  const { visibilityMs, waitMs } = queue.settings;
  const visibilitySeconds = readVisibility(input);
  const waitSeconds = readInteger(input, "WaitTimeSeconds");
  if (waitSeconds !== undefined) checkRange("WaitTimeSeconds", waitSeconds, 0, 20);
  const max = readInteger(input, "MaxNumberOfMessages") ?? 1;
  checkRange("MaxNumberOfMessages", max, 1, 10);
  const deliveries = await queue.receive({
    max,
    visibilityMs: visibilitySeconds === undefined ? visibilityMs : visibilitySeconds * 1000,
    waitMs: waitSeconds === undefined ? waitMs : waitSeconds * 1000,
    signal: request.signal,
  });
  if (deliveries.length === 0) return {};
  const names = [
    ...(readTexts(input, "MessageSystemAttributeNames") ?? []),
    ...(readTexts(input, "AttributeNames") ?? []),
  ];
  return { Messages: deliveries.map((delivery) => describe(delivery, names)) };
}

function describe({ message, receipt }: Delivery, names: readonly string[]): object {
  const described = { MessageId: message.id, ReceiptHandle: receipt, MD5OfBody: message.md5, Body: message.body };
  if (names.length === 0) return described;
  const all: Readonly<Record<string, string | undefined>> = {
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    DeadLetterQueueSourceArn: message.movedFrom,
    MessageGroupId: message.group,
    SentTimestamp: String(message.sentAt),
  };
  if (names.includes("All")) return { ...described, Attributes: all };
  return { ...described, Attributes: Object.fromEntries(names.map((name) => [name, all[name]])) };
}

function deleteMessage(queue: EmbeddedQueue, input: JsonObject): object {
  queue.delete(requireText(input, "ReceiptHandle"));
  return {};
}

function changeVisibility(queue: EmbeddedQueue, input: JsonObject): object {
  const receipt = requireText(input, "ReceiptHandle");
  const seconds = readVisibility(input);
  if (seconds === undefined) throw missingParameter("VisibilityTimeout");
  queue.changeVisibility(receipt, seconds);
  return {};
}

function readVisibility(input: JsonObject): number | undefined {
  const seconds = readInteger(input, "VisibilityTimeout");
  if (seconds !== undefined) checkRange("VisibilityTimeout", seconds, 0, maxVisibilitySeconds);
  return seconds;
}

function checkRange(parameter: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw invalidValue(value, parameter, `Must be between ${min} and ${max}, if provided.`);
}
