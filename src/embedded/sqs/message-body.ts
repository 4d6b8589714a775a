import { createHash, randomUUID } from "node:crypto";
import { notImplemented } from "../aws-error.ts";
import { readInteger, readText } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { EmbeddedQueue, OutgoingMessage } from "./embedded-queue.ts";
import { invalidMessageContents, invalidParameter, invalidValue, missingParameter } from "./sqs-errors.ts";

/** Whatever XML 1.0 cannot carry, lone surrogates included. */
const forbiddenCharacters = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Cloudburst sends bodies only; dropping one of these in silence would change what a sender means. */
const unsupportedMembers = ["MessageAttributes", "MessageDeduplicationId", "MessageSystemAttributes"];

const groupPattern = /^[!-~]{1,128}$/;

/** Checks one message of a send request. */
export function readOutgoing(input: JsonObject, queue: EmbeddedQueue): OutgoingMessage {
  const body = readText(input, "MessageBody");
  if (body === undefined || body === "") throw missingParameter("MessageBody");
  const unsupported = unsupportedMembers.find((member) => input[member] !== undefined);
  if (unsupported !== undefined) throw notImplemented("sqs", unsupported);
  const limitBytes = queue.settings.maxMessageBytes;
  if (Buffer.byteLength(body) > limitBytes) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${limitBytes} bytes.`,
    );
  }
  if (forbiddenCharacters.test(body)) throw invalidMessageContents();
  return { id: randomUUID(), body, md5: md5Of(body), group: readGroup(input), delayMs: readDelay(input) };
}

function readGroup(input: JsonObject): string | undefined {
  const group = readText(input, "MessageGroupId");
  if (group === undefined || groupPattern.test(group)) return group;
  const reason = "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
  throw invalidValue(group, "MessageGroupId", reason);
}

function readDelay(input: JsonObject): number | undefined {
  const seconds = readInteger(input, "DelaySeconds");
  if (seconds === undefined) return undefined;
  if (seconds < 0 || seconds > 900) {
    throw invalidValue(seconds, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.");
  }
  return seconds * 1000;
}

/** The SDK compares this with the body that it sent or received. */
function md5Of(body: string): string {
  return createHash("md5").update(body, "utf8").digest("hex");
}
