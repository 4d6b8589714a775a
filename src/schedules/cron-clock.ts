import { Cron } from "croner";
import { InvalidOptionError, toError } from "../base/errors.ts";
import { type ClockOptions, type DateOption, readDate, type ScheduleClock } from "./schedule-clock.ts";

export interface CronClockOptions extends ClockOptions {
  /** No event comes before it. @default none */
  readonly start?: DateOption | undefined;
  /** No event comes after it. @default none */
  readonly end?: DateOption | undefined;
  /** Whose wall clock the expression speaks of: an IANA name such as `"Europe/Berlin"`. @default "UTC" */
  readonly timezone?: string | undefined;
  /** With both a day of the month and a weekday, one of them is enough; false asks for both. @default true */
  readonly dayOr?: boolean | undefined;
}

class CronTicks implements ScheduleClock {
  readonly parameterDefaults: ScheduleClock["parameterDefaults"];
  readonly #cron: Cron;
  readonly #startMs: number;
  readonly #endMs: number;

  constructor(expression: string, options: CronClockOptions) {
    this.#cron = parseCron(expression, options);
    this.#startMs = options.start === undefined ? -Infinity : readDate("start", options.start).getTime();
    this.#endMs = options.end === undefined ? Infinity : readDate("end", options.end).getTime();
    this.parameterDefaults = { ...options.parameterDefaults };
  }

  next(after: Date): Date | undefined {
    // The start itself is an event where it fits the expression.
    const fromMs = Math.max(after.getTime(), this.#startMs - 1);
    const at = this.#cron.nextRun(new Date(fromMs));
    return at === null || at.getTime() > this.#endMs ? undefined : at;
  }
}

function parseCron(expression: string, { timezone = "UTC", dayOr = true }: CronClockOptions): Cron {
  checkTimezone(timezone);
  try {
    // Five fields only: with six, some tools read seconds first and others, Prefect's among them, last.
    return new Cron(expression, { timezone, mode: "5-part", domAndDow: !dayOr });
  } catch (thrown) {
    throw new InvalidOptionError(
      `Invalid cron string: ${JSON.stringify(expression)}: ${toError(thrown).message} ` +
        '(write minute, hour, day, month and weekday, such as "0 9 * * 1-5", or a nickname such as "@daily")',
      { expression },
    );
  }
}

function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch {
    throw new InvalidOptionError(
      `timezone must be an IANA name such as "UTC" or "Europe/Berlin", got ${JSON.stringify(timezone)}`,
      { timezone },
    );
  }
}

interface CronClockFactory {
  (cron: string, options?: CronClockOptions): ScheduleClock;
  new (cron: string, options?: CronClockOptions): ScheduleClock;
}

function createCronClock(cron: string, options: CronClockOptions = {}): ScheduleClock {
  return new CronTicks(cron, options);
}

/**
 * Ticks when the wall clock of `timezone` fits the expression, whatever summer time does to it.
 *
 * @throws {InvalidOptionError} for a wrong expression, timezone or date.
 */
export const CronClock = createCronClock as CronClockFactory;
