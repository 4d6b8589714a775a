/** What a worker costs in a simulated cloud. */
import type { Capacity } from "../adaptive/capacity-choice.ts";

export interface Billing {
  /** US dollars for each hour of a worker, its address included. */
  readonly usdPerHour: Readonly<Record<Capacity, number>>;
  /** A worker is billed for this long at least. */
  readonly minimumMs: number;
  /** The pull of the image begins, and with it the bill, about this long after RunTask. */
  readonly unbilledStartUpMs: number;
}

/** By the second, a minimum at least; nothing when it ended before the pull began. */
export function billedMs({ minimumMs }: Billing, billedFrom: number, endedAt: number): number {
  if (endedAt < billedFrom) return 0;
  return Math.max(minimumMs, Math.ceil((endedAt - billedFrom) / 1000) * 1000);
}
