/** When a call that failed is made again: what a task's options say of it. */
import { backoffMs } from "../base/backoff.ts";
import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";

/** Milliseconds to wait before the next attempt; `attempt` counts from 1, `random` is chance as the run has it. */
export type RetryDelay = (attempt: number, random: () => number) => number;

/** A class of errors. Across processes only an error's name is left of its class. */
export type ErrorClass = new (...args: never[]) => Error;

/** Says of an error whether it is worth another attempt. Called on the driver. */
export type RetryPredicate = (error: Error) => boolean;

export interface RetryOptions {
  /** How often a call that failed is made again. @default 0 */
  readonly maxRetries?: number | undefined;
  /** Wait before each retry: milliseconds, a duration such as "10s", or a function of the attempt that failed. */
  readonly retryDelay?: number | string | RetryDelay | undefined;
  /** Classes of errors, or functions of the error, of which one must apply. @default every error */
  readonly retryOn?: ErrorClass | RetryPredicate | readonly (ErrorClass | RetryPredicate)[] | undefined;
}

export interface RetryPolicy {
  readonly maxRetries: number;
  readonly delayMs: RetryDelay;
  readonly appliesTo: RetryPredicate;
}

export const RETRY_OPTIONS = ["maxRetries", "retryDelay", "retryOn"] as const satisfies readonly (keyof RetryOptions)[];

const never: RetryPolicy = { maxRetries: 0, delayMs: () => 0, appliesTo: () => false };

/**
 * Undefined where the options say nothing: then what is configured holds.
 *
 * @throws {InvalidOptionError} for options that are wrong or do not go together.
 */
export function resolveRetryPolicy(taskName: string, given: RetryOptions): RetryPolicy | undefined {
  const { maxRetries = 0, retryDelay, retryOn } = given;
  if (!Number.isSafeInteger(maxRetries) || maxRetries < 0) {
    throw wrong(taskName, "maxRetries", `must be a whole number from 0, got ${preview(maxRetries)}`);
  }
  if (maxRetries > 0 && retryDelay === undefined) {
    throw wrong(taskName, "retryDelay", "`retryDelay` must be provided if maxRetries > 0");
  }
  if (maxRetries === 0 && retryDelay !== undefined) {
    throw wrong(
      taskName,
      "retryDelay",
      "A `maxRetries` argument greater than 0 must be provided if `retryDelay` is set.",
    );
  }
  if (maxRetries === 0 && retryOn !== undefined) {
    throw wrong(taskName, "retryOn", "A number of `maxRetries` must be provided if `retryOn` is set.");
  }
  if (retryDelay === undefined) return given.maxRetries === undefined ? undefined : never;
  return { maxRetries, delayMs: delayOf(taskName, retryDelay), appliesTo: filterOf(taskName, retryOn) };
}

/** What holds for tasks that say nothing of retries. */
export interface ConfiguredRetries {
  readonly maxRetries: number;
  readonly retryDelayMs: number | undefined;
}

/** @throws {InvalidOptionError} for retries without a delay. */
export function configuredRetryPolicy({ maxRetries, retryDelayMs }: ConfiguredRetries): RetryPolicy | undefined {
  if (maxRetries === 0) return undefined;
  if (retryDelayMs !== undefined) return { maxRetries, delayMs: () => retryDelayMs, appliesTo: () => true };
  throw new InvalidOptionError(
    "tasks.defaults: `retryDelay` must be provided if maxRetries > 0 " +
      `(maxRetries is ${String(maxRetries)}: configure tasks.defaults.retryDelay as well, such as "10s")`,
    { maxRetries },
  );
}

/** The options of one use: who says that it is not to be retried need not take back the delay. */
export function mergeRetryOptions(options: RetryOptions, changed: RetryOptions): RetryOptions {
  const inherited = changed.maxRetries === 0 ? { ...options, retryDelay: undefined, retryOn: undefined } : options;
  return { ...inherited, ...changed };
}

export interface ExponentialBackoff {
  /** Wait before the first retry, as a number of milliseconds or a duration; it doubles with each. */
  readonly base: number | string;
  /** The longest wait. */
  readonly max: number | string;
  /** Takes 50 to 100 % of each wait, by chance, so that what failed together does not come back together. @default true */
  readonly jitter?: boolean | undefined;
}

/** A `retryDelay` that doubles from `base` up to `max`. */
export function exponentialBackoff({ base, max, jitter = true }: ExponentialBackoff): RetryDelay {
  const policy = {
    baseMs: millisecondsOf("exponentialBackoff", base),
    maxMs: millisecondsOf("exponentialBackoff", max),
  };
  return (attempt, random) => backoffMs(policy, attempt, jitter ? random : () => 1);
}

function delayOf(taskName: string, given: number | string | RetryDelay): RetryDelay {
  if (typeof given === "function") return given;
  const delayMs = millisecondsOf(taskName, given);
  return () => delayMs;
}

function millisecondsOf(taskName: string, given: unknown): number {
  const delayMs = durationToMs(given);
  if (Number.isFinite(delayMs) && delayMs >= 0) return delayMs;
  throw wrong(
    taskName,
    "retryDelay",
    `must be a number of milliseconds, a duration such as "10s", or a function of the attempt, got ${preview(given)}`,
  );
}

function filterOf(taskName: string, given: RetryOptions["retryOn"]): RetryPredicate {
  if (given === undefined) return () => true;
  const filters = [given].flat().map((one) => oneFilter(taskName, one));
  if (filters.length === 0)
    throw wrong(taskName, "retryOn", "must not be an empty list: leave it out to retry on every error");
  return (error) => filters.some((applies) => applies(error));
}

function oneFilter(taskName: string, given: ErrorClass | RetryPredicate): RetryPredicate {
  if (typeof given !== "function") {
    throw wrong(taskName, "retryOn", `must be error classes or functions of the error, got ${preview(given)}`);
  }
  if (!isErrorClass(given)) return given;
  return (error) => given.name === error.name || error instanceof given;
}

function isErrorClass(given: ErrorClass | RetryPredicate): given is ErrorClass {
  return Object.is(given, Error) || given.prototype instanceof Error;
}

function wrong(owner: string, option: string, what: string): InvalidOptionError {
  return new InvalidOptionError(`${option} of task "${owner}": ${what}`, { option });
}
