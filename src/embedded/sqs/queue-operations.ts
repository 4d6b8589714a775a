/** Operations on queues as wholes. */

import type { AwsOperation } from "../aws-json.ts";
import { readInteger, readText, readTextMap, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { EmbeddedQueue } from "./embedded-queue.ts";
import type { QueueRegistry } from "./queue-registry.ts";
import { invalidAttributeName, invalidValue, missingParameter } from "./sqs-errors.ts";

const maxPageSize = 1000;

const knownAttributes: ReadonlySet<string> = new Set([
  "All",
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesDelayed",
  "ApproximateNumberOfMessagesNotVisible",
  "CreatedTimestamp",
  "DelaySeconds",
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "LastModifiedTimestamp",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
  "Policy",
  "QueueArn",
  "ReceiveMessageWaitTimeSeconds",
  "RedriveAllowPolicy",
  "RedrivePolicy",
  "SqsManagedSseEnabled",
  "VisibilityTimeout",
]);

export function queueOperations(
  queues: QueueRegistry,
  urlOf: (queue: EmbeddedQueue) => string,
): Readonly<Record<string, AwsOperation>> {
  return {
    CreateQueue: (input) => {
      const queue = queues.create(requireText(input, "QueueName"), readTextMap(input, "Attributes"));
      for (const [key, value] of readTextMap(input, "tags")) queue.tags.set(key, value);
      return { QueueUrl: urlOf(queue) };
    },
    DeleteQueue: (input) => {
      queues.delete(queueOf(queues, input));
      return {};
    },
    GetQueueAttributes: (input) => {
      const names = readTexts(input, "AttributeNames") ?? [];
      return { Attributes: pickAttributes(allAttributes(queueOf(queues, input)), names) };
    },
    GetQueueUrl: (input) => ({ QueueUrl: urlOf(queues.get(requireText(input, "QueueName"))) }),
    ListQueueTags: (input) => ({ Tags: Object.fromEntries(queueOf(queues, input).tags) }),
    ListQueues: (input) => listQueues(input, queues, urlOf),
    PurgeQueue: (input) => {
      queues.purge(queueOf(queues, input));
      return {};
    },
    SetQueueAttributes: (input) => {
      queues.configure(queueOf(queues, input), readTextMap(input, "Attributes"));
      return {};
    },
    TagQueue: (input) => {
      const { tags } = queueOf(queues, input);
      for (const [key, value] of readTextMap(input, "Tags")) tags.set(key, value);
      return {};
    },
  };
}

export function queueOf(queues: QueueRegistry, input: JsonObject): EmbeddedQueue {
  return queues.get(requireText(input, "QueueUrl"));
}

export function requireText(input: JsonObject, name: string): string {
  const text = readText(input, name);
  if (text === undefined || text === "") throw missingParameter(name);
  return text;
}

function allAttributes(queue: EmbeddedQueue): ReadonlyMap<string, string> {
  return new Map([
    ...queue.settings.attributes,
    ["ApproximateNumberOfMessages", String(queue.counts.visible)],
    ["ApproximateNumberOfMessagesDelayed", String(queue.counts.delayed)],
    ["ApproximateNumberOfMessagesNotVisible", String(queue.counts.in_flight)],
    ["CreatedTimestamp", String(Math.floor(queue.createdAt / 1000))],
    ["LastModifiedTimestamp", String(Math.floor(queue.modifiedAt / 1000))],
    ["QueueArn", queue.arn],
  ]);
}

function pickAttributes(all: ReadonlyMap<string, string>, names: readonly string[]): Record<string, string> {
  const unknown = names.find((name) => !knownAttributes.has(name));
  if (unknown !== undefined) throw invalidAttributeName(unknown);
  const wanted = names.includes("All") ? [...all] : [...all].filter(([name]) => names.includes(name));
  return Object.fromEntries(wanted);
}

function listQueues(input: JsonObject, queues: QueueRegistry, urlOf: (queue: EmbeddedQueue) => string): object {
  const pageSize = readInteger(input, "MaxResults");
  if (pageSize !== undefined && (pageSize < 1 || pageSize > maxPageSize)) {
    throw invalidValue(pageSize, "MaxResults", `Must be between 1 and ${maxPageSize}, if provided.`);
  }
  const after = readText(input, "NextToken") ?? ""; // the last name of the page before
  const rest = queues.list(readText(input, "QueueNamePrefix") ?? "").filter((queue) => queue.name > after);
  const page = rest.slice(0, pageSize ?? maxPageSize);
  const next = page.length < rest.length && pageSize !== undefined ? { NextToken: page.at(-1)?.name } : {};
  return { QueueUrls: page.map(urlOf), ...next };
}
