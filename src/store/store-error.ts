import { S3ServiceException } from "@aws-sdk/client-s3";
import { CloudburstError, toError } from "../base/errors.ts";

/** What was tried, on what, and what the caller must be allowed to do for it. */
export interface StoreAction {
  /** In our words: `get`, `put`. */
  readonly verb: string;
  readonly bucket: string;
  /** A key, or a prefix. */
  readonly key: string;
  /** IAM actions that the action needs, as a policy names them. */
  readonly permissions: string;
}

/** Why it failed, as the store names it. */
export interface StoreFailure {
  readonly reason: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly cause?: unknown;
}

/** A call to the object store failed, after all retries. Its `code` is `store_failed`; `data.reason` is the store's own code. */
export class StoreError extends CloudburstError {
  constructor(action: StoreAction, failure: StoreFailure) {
    const place = `s3://${action.bucket}/${action.key}`;
    const what = `${failure.reason}: ${failure.detail}${remedy(failure.reason, action.permissions)}`;
    super("store_failed", `${action.verb} ${place} failed: ${what}`, {
      retryable: failure.retryable,
      cause: failure.cause,
      data: { bucket: action.bucket, key: action.key, reason: failure.reason },
    });
  }
}

export function toStoreError(thrown: unknown, action: StoreAction): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const error = toError(thrown);
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  // Without a status there was no answer at all: the network may be back next time.
  const retryable = status === undefined || status >= 500 || status === 429;
  return new StoreError(action, { reason: error.name, detail: error.message, retryable, cause: error });
}

function remedy(reason: string, permissions: string): string {
  switch (reason) {
    case "AccessDenied":
      return ` (allow ${permissions} for these credentials)`;
    case "NoSuchBucket":
      return " (create the bucket, or check its name and region)";
    default:
      return "";
  }
}
