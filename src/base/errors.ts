/** What every error that Cloudburst throws on purpose carries. Callers switch on `code`, never on the text. */
export interface ErrorDetails {
  /** Whether trying the same thing again may succeed. @default false */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Readonly facts about the failure: names, values, limits. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Base of all errors thrown by Cloudburst. */
export class CloudburstError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = details.retryable ?? false;
    this.data = details.data ?? {};
  }
}

/** A wrong option, parameter or argument; thrown before anything is started. */
export class InvalidOptionError extends CloudburstError {
  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super("invalid_option", message, { data });
  }
}

/** Marks a switch as exhaustive: the compiler refuses a case that was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}

/** Makes an `Error` of anything that was thrown. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
