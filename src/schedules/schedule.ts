import { isDeepStrictEqual } from "node:util";
import { InvalidOptionError } from "../base/errors.ts";
import type { FlowSchedule, ScheduledEvent } from "../flow/flow-schedule.ts";
import { CronClock, type CronClockOptions } from "./cron-clock.ts";
import { IntervalClock, type IntervalClockOptions } from "./interval-clock.ts";
import type { ScheduleClock } from "./schedule-clock.ts";

export interface ScheduleOptions {
  /** Their events are merged in the order of time. Events that are alike in time and parameters count once. */
  readonly clocks: readonly ScheduleClock[];
}

/** A schedule that can be looked at ahead of time. */
export interface Schedule extends FlowSchedule {
  /** The first `count` events after `after`; fewer when the schedule ends before. */
  upcoming(count: number, after: Date): readonly ScheduledEvent[];
}

class MergedClocks implements Schedule {
  readonly #clocks: readonly ScheduleClock[];

  constructor(clocks: readonly ScheduleClock[]) {
    this.#clocks = clocks;
  }

  get parameterDefaults(): readonly ScheduledEvent["parameterDefaults"][] {
    return this.#clocks.map((clock) => clock.parameterDefaults);
  }

  next(after: Date): readonly ScheduledEvent[] {
    const events = this.#clocks.flatMap((clock) => {
      const at = clock.next(after);
      return at === undefined ? [] : [{ at, parameterDefaults: clock.parameterDefaults }];
    });
    const firstMs = Math.min(...events.map(({ at }) => at.getTime()));
    return withoutTwins(events.filter(({ at }) => at.getTime() === firstMs));
  }

  upcoming(count: number, after: Date): readonly ScheduledEvent[] {
    const found: ScheduledEvent[] = [];
    let from = after;
    while (found.length < count) {
      const events = this.next(from);
      const [first] = events;
      if (first === undefined) break;
      found.push(...events);
      from = first.at;
    }
    return found.slice(0, count);
  }
}

function withoutTwins(events: readonly ScheduledEvent[]): readonly ScheduledEvent[] {
  return events.filter((event, index) => index === events.findIndex((other) => isDeepStrictEqual(other, event)));
}

function checkClocks(given: ScheduleOptions): readonly ScheduleClock[] {
  const { clocks } = given as { readonly clocks?: unknown };
  if (Array.isArray(clocks) && clocks.every(isClock)) return clocks;
  throw new InvalidOptionError(
    "Schedule: clocks must be a list of clocks: Schedule({ clocks: [IntervalClock({ … }), CronClock(…)] })",
  );
}

function isClock(given: unknown): given is ScheduleClock {
  return typeof given === "object" && given !== null && "parameterDefaults" in given && "next" in given;
}

interface ScheduleFactory {
  (options: ScheduleOptions): Schedule;
  new (options: ScheduleOptions): Schedule;
}

function createSchedule(options: ScheduleOptions): Schedule {
  return new MergedClocks(checkClocks(options));
}

/**
 * A schedule of any clocks.
 *
 * @throws {InvalidOptionError} when `clocks` is no list of clocks.
 */
export const Schedule = createSchedule as ScheduleFactory;

interface IntervalScheduleFactory {
  (options: IntervalClockOptions): Schedule;
  new (options: IntervalClockOptions): Schedule;
}

function createIntervalSchedule(options: IntervalClockOptions): Schedule {
  return new MergedClocks([IntervalClock(options)]);
}

/**
 * A schedule of one interval clock: `IntervalSchedule({ startDate: new Date(), interval: "1m" })`.
 *
 * @throws {InvalidOptionError} for a wrong interval or date.
 */
export const IntervalSchedule = createIntervalSchedule as IntervalScheduleFactory;

interface CronScheduleFactory {
  (cron: string, options?: CronClockOptions): Schedule;
  new (cron: string, options?: CronClockOptions): Schedule;
}

function createCronSchedule(cron: string, options?: CronClockOptions): Schedule {
  return new MergedClocks([CronClock(cron, options)]);
}

/**
 * A schedule of one cron clock: `CronSchedule("0 9 * * 1-5", { timezone: "Europe/Berlin" })`.
 *
 * @throws {InvalidOptionError} for a wrong expression, timezone or date.
 */
export const CronSchedule = createCronSchedule as CronScheduleFactory;
