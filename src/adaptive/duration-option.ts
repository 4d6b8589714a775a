/** Durations as users write them: a number of seconds, or text with a unit. */
import * as z from "zod";

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const pattern = /^(?<amount>\d+(?:\.\d+)?)\s*(?<unit>ms|s|m|h)$/u;

/** Seconds, or text such as `"500ms"`, `"5s"`, `"2m"`, `"1h"`. */
export type DurationOption = number | string;

/** Milliseconds of a duration, which must be longer than nothing. */
export function durationMs(example: string): z.ZodType<number, DurationOption> {
  const error = `must be a number of seconds above 0, or text such as "${example}" (units: ms, s, m, h)`;
  return z.union([z.number(), z.string()], { error }).transform((given, context) => {
    const ms = typeof given === "number" ? given * 1_000 : parseText(given);
    if (ms > 0 && Number.isFinite(ms)) return ms;
    context.issues.push({ code: "custom", message: error, input: given });
    return z.NEVER;
  });
}

function parseText(text: string): number {
  const groups = pattern.exec(text.trim())?.groups;
  const unit = groups?.["unit"];
  return unit === undefined || !isUnit(unit) ? Number.NaN : Number(groups?.["amount"]) * unitMs[unit];
}

function isUnit(unit: string): unit is keyof typeof unitMs {
  return unit in unitMs;
}
