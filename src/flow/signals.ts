/**
 * What a task's body (or a handler) throws to say how its call ends: Prefect's signals by their names.
 *
 * A signal crosses threads and processes as any error does, and its class is lost on the way: it is known by its own
 * property `cloudburstSignal`, never by `instanceof`. A body that catches everything must throw again what
 * `isSignal` knows.
 */

export type SignalKind = "SKIP" | "FAIL" | "SUCCESS" | "RETRY" | "LOOP" | "PAUSE" | "TRIGGERFAIL" | "VALIDATIONFAIL";

export interface SignalOptions {
  /** The result of the state that the signal makes. @default undefined */
  readonly result?: unknown;
}

export interface RetrySignalOptions {
  /** When the next attempt is due. @default now */
  readonly startTime?: Date | undefined;
}

/** Base of all signals; to throw one, use the class of its name. */
abstract class Signal extends Error {
  readonly cloudburstSignal: SignalKind;
  readonly result: unknown;

  constructor(kind: SignalKind, message: string, result: unknown) {
    super(message);
    this.name = kind;
    this.cloudburstSignal = kind;
    this.result = result;
  }
}

/** Ends the call as skipped; what follows is skipped as well, unless it has `skipOnUpstreamSkip: false`. */
export class SKIP extends Signal {
  constructor(message = "", { result = null }: SignalOptions = {}) {
    super("SKIP", message, result);
  }
}

/** Ends the attempt as failed; counts against `maxRetries`, as any error does. */
export class FAIL extends Signal {
  constructor(message = "", { result }: SignalOptions = {}) {
    super("FAIL", message, result);
  }
}

/** Ends the call with success. */
export class SUCCESS extends Signal {
  constructor(message = "", { result }: SignalOptions = {}) {
    super("SUCCESS", message, result);
  }
}

/** Asks for another attempt, however many there were: `maxRetries` does not count. */
export class RETRY extends Signal {
  /** When the next attempt is due, in milliseconds since the epoch; undefined for now. */
  readonly startTimeMs: number | undefined;

  constructor(message = "", { startTime }: RetrySignalOptions = {}) {
    super("RETRY", message, undefined);
    this.startTimeMs = startTime?.getTime();
  }
}

/** Runs the body again at once and in the same place, with `result` as the context's `taskLoopResult`. */
export class LOOP extends Signal {
  constructor(message = "", { result }: SignalOptions = {}) {
    super("LOOP", message, result);
  }
}

/** Holds the call until somebody says that it may go on. */
export class PAUSE extends Signal {
  constructor(message = "") {
    super("PAUSE", message, undefined);
  }
}

/** Ends the call as a trigger does that was not met: it is not retried. */
export class TRIGGERFAIL extends Signal {
  constructor(message = "", { result }: SignalOptions = {}) {
    super("TRIGGERFAIL", message, result);
  }
}

/** Ends the call as failed, because its result is not what it should be: it is not retried. */
export class VALIDATIONFAIL extends Signal {
  constructor(message = "", { result }: SignalOptions = {}) {
    super("VALIDATIONFAIL", message, result);
  }
}

const kinds: ReadonlySet<unknown> = new Set<SignalKind>([
  "SKIP",
  "FAIL",
  "SUCCESS",
  "RETRY",
  "LOOP",
  "PAUSE",
  "TRIGGERFAIL",
  "VALIDATIONFAIL",
]);

/** A signal as it arrives: of another process it is an error with the signal's properties. */
export interface ArrivedSignal extends Error {
  readonly cloudburstSignal: SignalKind;
  readonly result?: unknown;
  readonly startTimeMs?: number | undefined;
}

export function isSignal(thrown: unknown): thrown is ArrivedSignal {
  return thrown instanceof Error && kinds.has(Reflect.get(thrown, "cloudburstSignal"));
}
