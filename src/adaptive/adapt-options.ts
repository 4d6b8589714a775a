/** `adaptKwargs`: how a fleet may scale, checked before anything is started. */
import * as z from "zod";
import { InvalidOptionError } from "../base/errors.ts";
import { parseOptions } from "../base/parse-options.ts";
import { type DurationOption, durationMs } from "./duration-option.ts";

export interface AdaptKwargs {
  /** Workers that are there at least. null: none. @default 0, and at least one while there is work */
  readonly minimum?: number | null | undefined;
  /** Workers that are there at most. null: as many as the quota allows, or this machine has cores for. @default null */
  readonly maximum?: number | null | undefined;
  /** The remaining work is wanted done within this time, as far as workers for it pay. Seconds or text. @default "5s" */
  readonly targetDuration?: DurationOption | undefined;
  /** Time between two decisions. Seconds or text. @default "1s" */
  readonly interval?: DurationOption | undefined;
  /** Rounds that must agree before workers leave. Growing needs none. @default 3 */
  readonly waitCount?: number | undefined;
  /** When the run should have ended: a Date, or its ISO text. What that needs is launched, at whatever it costs. */
  readonly finishBy?: Date | string | undefined;
  /**
   * Never spend more on workers than `usd`: the fleet is capped, then drained, and the run ends with the error
   * `budget_exhausted`. `usdPerWorkerHour` takes the place of what prices say.
   */
  readonly budget?: { readonly usd: number; readonly usdPerWorkerHour?: number | undefined } | undefined;
}

export interface AdaptOptions {
  readonly minimum: number;
  readonly maximum: number | null;
  readonly targetDurationMs: number;
  readonly intervalMs: number;
  readonly waitCount: number;
  /** Milliseconds since the epoch. */
  readonly finishBy: number | undefined;
  readonly budgetUsd: number | undefined;
  /** What the user says that a worker costs. */
  readonly usdPerWorkerHour: number | undefined;
}

const workers = (least: number) =>
  z
    .number({ error: `must be a whole number of at least ${least}, or null` })
    .int()
    .min(least)
    .nullable();

const dollars = () => z.number({ error: "must be a number of US dollars above 0" }).positive();

const instant = 'must be a Date or an ISO 8601 text such as "2030-01-31T18:00:00Z"';

const schema = z.strictObject({
  minimum: workers(0).default(0),
  maximum: workers(1).default(null),
  targetDuration: durationMs("5s").default(5_000),
  interval: durationMs("1s").default(1_000),
  waitCount: z.number({ error: "must be a whole number of at least 1" }).int().min(1).default(3),
  finishBy: z
    .union([z.date(), z.iso.datetime({ offset: true, error: instant })], { error: instant })
    .transform((given) => new Date(given).getTime())
    .optional(),
  budget: z.strictObject({ usd: dollars(), usdPerWorkerHour: dollars().optional() }).optional(),
});

/**
 * @param now milliseconds since the epoch: a deadline must lie after it
 * @throws InvalidOptionError that names each option that is wrong, its value and what is allowed
 */
export function resolveAdaptOptions(given: AdaptKwargs, now: number): AdaptOptions {
  const parsed = parseOptions("adaptKwargs", schema, given);
  const minimum = parsed.minimum ?? 0;
  const { maximum, finishBy } = parsed;
  if (maximum !== null && minimum > maximum) {
    throw new InvalidOptionError(
      `adaptKwargs: \`minimum\` must not be above \`maximum\`, got ${minimum} and ${maximum}: lower the one or raise the other`,
      { minimum, maximum },
    );
  }
  if (finishBy !== undefined && finishBy <= now) {
    throw new InvalidOptionError(
      `adaptKwargs: \`finishBy\` must lie in the future, got ${new Date(finishBy).toISOString()}: give a later time or leave it out`,
      { finishBy },
    );
  }
  return {
    minimum,
    maximum,
    targetDurationMs: parsed.targetDuration,
    intervalMs: parsed.interval,
    waitCount: parsed.waitCount,
    finishBy,
    budgetUsd: parsed.budget?.usd,
    usdPerWorkerHour: parsed.budget?.usdPerWorkerHour,
  };
}
