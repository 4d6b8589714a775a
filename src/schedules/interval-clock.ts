import { type Duration, durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { type ClockOptions, type DateOption, readDate, type ScheduleClock } from "./schedule-clock.ts";

const DEFAULT_START = "2019-01-01T00:00:00Z"; // Prefect's: a multiple of every interval that divides a day

export interface IntervalClockOptions extends ClockOptions {
  /** Time between events: milliseconds, or text such as `"1m"`; days are 24 hours, whatever the wall clock does. */
  readonly interval: Duration;
  /** The first event; all others are whole intervals after it. @default 2019-01-01T00:00:00Z */
  readonly startDate?: DateOption | undefined;
  /** No event comes after it. @default none */
  readonly endDate?: DateOption | undefined;
}

class IntervalTicks implements ScheduleClock {
  readonly parameterDefaults: ScheduleClock["parameterDefaults"];
  readonly #intervalMs: number;
  readonly #startMs: number;
  readonly #endMs: number;

  constructor(options: IntervalClockOptions) {
    this.#intervalMs = readInterval(options.interval);
    this.#startMs = readDate("startDate", options.startDate ?? DEFAULT_START).getTime();
    this.#endMs = options.endDate === undefined ? Infinity : readDate("endDate", options.endDate).getTime();
    this.parameterDefaults = { ...options.parameterDefaults };
  }

  next(after: Date): Date | undefined {
    const passed = Math.floor((after.getTime() - this.#startMs) / this.#intervalMs) + 1;
    const atMs = this.#startMs + Math.max(0, passed) * this.#intervalMs;
    return atMs > this.#endMs ? undefined : new Date(atMs);
  }
}

function readInterval(given: Duration): number {
  const ms = durationToMs(given);
  const wanted = `interval must be milliseconds or text such as "30s", "1m", "2h" or "1d", got ${JSON.stringify(given)}`;
  if (Number.isNaN(ms)) throw new InvalidOptionError(wanted, { given });
  if (ms <= 0) throw new InvalidOptionError(`Interval must be greater than 0. (${wanted})`, { given });
  if (Number.isInteger(ms)) return ms;
  throw new InvalidOptionError(`interval must be a whole number of milliseconds, got ${JSON.stringify(given)}`, {
    given,
  });
}

interface IntervalClockFactory {
  (options: IntervalClockOptions): ScheduleClock;
  new (options: IntervalClockOptions): ScheduleClock;
}

function createIntervalClock(options: IntervalClockOptions): ScheduleClock {
  return new IntervalTicks(options);
}

/**
 * Ticks at `startDate` and every `interval` after it, by elapsed time.
 *
 * @throws {InvalidOptionError} for a wrong interval or date.
 */
export const IntervalClock = createIntervalClock as IntervalClockFactory;
