/** Lengths of time as users write them. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = /^(?<amount>\d+(?:\.\d+)?)\s*(?<unit>ms|s|m|h|d)$/u;

/** Milliseconds, or text such as `"500ms"`, `"10s"`, `"1m"`, `"2h"`, `"1d"` (24 hours). */
export type Duration = number | string;

/** Milliseconds of a duration; `NaN` for what is none. */
export function durationToMs(given: unknown): number {
  if (typeof given === "number") return given;
  const groups = typeof given === "string" ? pattern.exec(given.trim())?.groups : undefined;
  const unit = groups?.["unit"];
  return unit === undefined || !isUnit(unit) ? Number.NaN : Number(groups?.["amount"]) * unitMs[unit];
}

function isUnit(unit: string): unit is keyof typeof unitMs {
  return unit in unitMs;
}
