/** Days of UTC around a time, as tasks and targets name them. */

const dayMs = 24 * 3_600_000;

/** As `2026-08-01`. */
export function dayOf(timeMs: number, offset = 0): string {
  return new Date(timeMs + offset * dayMs).toISOString().slice(0, 10);
}

/** As `20260801`. */
export function withoutDashes(day: string): string {
  return day.replaceAll("-", "");
}
