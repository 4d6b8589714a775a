/** What a schedule is made of: something that ticks at certain times. */
import { InvalidOptionError } from "../base/errors.ts";

export interface ScheduleClock {
  /** The clock's first event strictly after `after`; undefined when there is none any more. */
  next(after: Date): Date | undefined;
  /** Values of parameters for the runs of this clock; they come before those that `run` was given. */
  readonly parameterDefaults: Readonly<Record<string, unknown>>;
}

/** What every kind of clock takes. */
export interface ClockOptions {
  /**
   * Values of parameters for the runs of this clock. They come before those that `run` was given, and a parameter that
   * has one here need not be given to `run`.
   */
  readonly parameterDefaults?: Readonly<Record<string, unknown>> | undefined;
}

/** A point in time: a `Date`, or text with a date, a time and an offset, such as `"2026-01-31T09:00:00Z"`. */
export type DateOption = Date | string;

/** @throws {InvalidOptionError} when it is no point in time. */
export function readDate(option: string, given: DateOption): Date {
  const untyped: unknown = given; // from JavaScript anything may come
  const date = untyped instanceof Date || typeof untyped === "string" ? new Date(untyped) : undefined;
  if (date !== undefined && !Number.isNaN(date.getTime())) return date;
  throw new InvalidOptionError(
    `${option} must be a Date or text such as "2026-01-31T09:00:00Z", got ${JSON.stringify(given)}`,
    { option, given },
  );
}
