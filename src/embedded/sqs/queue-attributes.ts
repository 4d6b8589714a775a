import { isObject } from "../json-input.ts";
import { notImplemented } from "../aws-error.ts";
import { invalidAttributeName, invalidAttributeValue } from "./sqs-errors.ts";

/** 1 MiB: the most that a message, or all messages of one batch request, may hold. */
export const maxMessageBytes = 1_048_576;

/** 12 hours: the longest visibility timeout, counted from the receive. */
export const maxVisibilitySeconds = 43_200;

interface NumberRule {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

const numberRules: ReadonlyMap<string, NumberRule> = new Map([
  ["DelaySeconds", { default: 0, min: 0, max: 900 }],
  ["MaximumMessageSize", { default: maxMessageBytes, min: 1024, max: maxMessageBytes }],
  ["MessageRetentionPeriod", { default: 345_600, min: 60, max: 1_209_600 }],
  ["ReceiveMessageWaitTimeSeconds", { default: 0, min: 0, max: 20 }],
  ["VisibilityTimeout", { default: 30, min: 0, max: maxVisibilitySeconds }],
]);

/** Attributes that are kept and shown, and change nothing here: there is nothing to encrypt or to authorise. */
const inertAttributes: ReadonlySet<string> = new Set([
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "Policy",
  "RedriveAllowPolicy",
  "SqsManagedSseEnabled",
]);

const fifoAttributes: ReadonlySet<string> = new Set([
  "ContentBasedDeduplication",
  "DeduplicationScope",
  "FifoQueue",
  "FifoThroughputLimit",
]);

export interface Redrive {
  readonly deadLetterTargetArn: string;
  /** A message that has been received this often moves to the dead-letter queue instead of being delivered again. */
  readonly maxReceiveCount: number;
}

/** A queue's attributes as they were given, and what they mean. */
export interface QueueSettings {
  readonly attributes: ReadonlyMap<string, string>;
  readonly delayMs: number;
  readonly maxMessageBytes: number;
  readonly retentionMs: number;
  readonly waitMs: number;
  readonly visibilityMs: number;
  readonly redrive: Redrive | undefined;
}

export const defaultAttributes: ReadonlyMap<string, string> = new Map([
  ...[...numberRules].map(([name, rule]): [string, string] => [name, String(rule.default)]),
  ["SqsManagedSseEnabled", "true"],
]);

/** Checks the given attributes and lays them over the present ones; an empty value removes one. */
export function resolveQueueSettings(
  present: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): QueueSettings {
  const attributes = new Map(present);
  for (const [name, value] of given) {
    checkAttribute(name, value);
    if (value === "") attributes.delete(name);
    else attributes.set(name, value);
  }
  const numberOf = (name: string): number => Number(attributes.get(name) ?? numberRules.get(name)?.default);
  return {
    attributes,
    delayMs: numberOf("DelaySeconds") * 1000,
    maxMessageBytes: numberOf("MaximumMessageSize"),
    retentionMs: numberOf("MessageRetentionPeriod") * 1000,
    waitMs: numberOf("ReceiveMessageWaitTimeSeconds") * 1000,
    visibilityMs: numberOf("VisibilityTimeout") * 1000,
    redrive: parseRedrive(attributes.get("RedrivePolicy")),
  };
}

function checkAttribute(name: string, value: string): void {
  if (fifoAttributes.has(name)) throw notImplemented("sqs", `the FIFO attribute ${name}`);
  const rule = numberRules.get(name);
  if (rule !== undefined) checkNumber(name, value, rule);
  else if (name !== "RedrivePolicy" && !inertAttributes.has(name)) throw invalidAttributeName(name);
}

function checkNumber(name: string, value: string, rule: NumberRule): void {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= rule.min && number <= rule.max) return;
  const range = `must be an integer from ${rule.min} to ${rule.max}, got ${JSON.stringify(value)}`;
  throw invalidAttributeValue(name, range);
}

function parseRedrive(policy: string | undefined): Redrive | undefined {
  if (policy === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    throw invalidAttributeValue("RedrivePolicy", "it is not JSON");
  }
  const target = isObject(parsed) ? parsed["deadLetterTargetArn"] : undefined;
  if (!isObject(parsed) || typeof target !== "string") {
    throw invalidAttributeValue("RedrivePolicy", "it must contain deadLetterTargetArn, an ARN");
  }
  // AWS takes the count as a number or as a string of digits, and 10 when it is left out.
  const maxReceiveCount = Number(parsed["maxReceiveCount"] ?? 10);
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
    throw invalidAttributeValue("RedrivePolicy", "maxReceiveCount must be an integer from 1 to 1000");
  }
  return { deadLetterTargetArn: target, maxReceiveCount };
}
