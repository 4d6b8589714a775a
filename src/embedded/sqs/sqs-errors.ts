/** SQS's refusals, by the names, statuses and words that SQS uses. */

import { AwsError } from "../aws-error.ts";

/** Names of the Query protocol that start like this; the other names are the same in both protocols. */
const legacyPrefix = "AWS.SimpleQueueService";

function legacy(code: string, message: string, status = 400, legacyName = code): AwsError {
  return new AwsError(code, message, { status, legacyCode: `${legacyPrefix}.${legacyName}` });
}

export function queueDoesNotExist(): AwsError {
  return legacy("QueueDoesNotExist", "The specified queue does not exist.", 400, "NonExistentQueue");
}

export function queueDeletedRecently(): AwsError {
  return legacy(
    "QueueDeletedRecently",
    "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
  );
}

export function queueNameExists(attribute: string): AwsError {
  return new AwsError(
    "QueueNameExists",
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
    { legacyCode: "QueueAlreadyExists" },
  );
}

export function purgeInProgress(name: string): AwsError {
  const message = `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`;
  return legacy("PurgeQueueInProgress", message, 403);
}

export function invalidAttributeName(name: string): AwsError {
  return new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
}

export function invalidAttributeValue(name: string, reason: string): AwsError {
  return new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}. Reason: ${reason}.`);
}

export function missingParameter(name: string): AwsError {
  const message = `The request must contain the parameter ${name}.`;
  return new AwsError("MissingParameter", message, { modelled: false });
}

/** `InvalidParameterValue` is outside SQS's model: the SDK shows it under the name in the header. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message, { modelled: false });
}

export function invalidValue(value: unknown, parameter: string, reason: string): AwsError {
  return invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function invalidMessageContents(): AwsError {
  return new AwsError("InvalidMessageContents", "Invalid characters found in the message: only XML characters travel.");
}

export function invalidReceiptHandle(receipt: string): AwsError {
  const message = `The input receipt handle "${receipt}" is not a valid receipt handle.`;
  return new AwsError("ReceiptHandleIsInvalid", message, { status: 404 });
}

export function messageNotInflight(): AwsError {
  return legacy("MessageNotInflight", "The specified message isn't in flight.");
}

export function overLimit(): AwsError {
  return new AwsError("OverLimit", "Too many messages in flight: at most 120000.", { status: 403 });
}

export function emptyBatch(): AwsError {
  return legacy("EmptyBatchRequest", "There should be at least one entry in the request.");
}

export function tooManyEntries(count: number): AwsError {
  const message = `Maximum number of entries per request are 10. You have sent ${count}.`;
  return legacy("TooManyEntriesInBatchRequest", message);
}

export function idsNotDistinct(id: string): AwsError {
  return legacy("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
}

export function invalidBatchEntryId(): AwsError {
  const message =
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
  return legacy("InvalidBatchEntryId", message);
}

export function batchTooLong(limitBytes: number, bytes: number): AwsError {
  const message = `Batch requests cannot be longer than ${limitBytes} bytes. You have sent ${bytes} bytes.`;
  return legacy("BatchRequestTooLong", message);
}
