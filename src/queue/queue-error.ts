import { SQSServiceException } from "@aws-sdk/client-sqs";
import { CloudburstError, toError } from "../base/errors.ts";

/** Names under which SQS says that a queue is not there; the second is the older protocol's. */
const missingNames: ReadonlySet<string> = new Set(["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]);

/** A call to a queue failed, after all retries. */
export class QueueError extends CloudburstError {}

/** The queue is not there (`queue_missing`): never made, or deleted, which is how a run tells its workers to go. */
export class QueueDoesNotExist extends QueueError {
  constructor(action: string, url: string, cause?: unknown) {
    super("queue_missing", `cannot ${action}: there is no queue ${url}`, { cause, data: { url } });
  }
}

/** Translates what the SQS client threw. A call that its signal ended rejects with the signal's reason instead. */
export function toQueueError(thrown: unknown, action: string, url: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (thrown instanceof CloudburstError) return thrown;
  const error = toError(thrown);
  if (missingNames.has(error.name)) return new QueueDoesNotExist(action, url, error);
  const status = error instanceof SQSServiceException ? error.$metadata.httpStatusCode : undefined;
  // Without a status there was no answer at all: the network may be back next time.
  const retryable = status === undefined || status >= 500 || status === 429;
  const message = `cannot ${action} on queue ${url}: ${error.name}: ${error.message}`;
  return new QueueError("queue_failed", message, { retryable, cause: error, data: { url, reason: error.name } });
}
