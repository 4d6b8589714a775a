/** What a worker of 1 vCPU and 2 GB (ARM, public address) costs: list prices of us-east-1 of August 2026. */
import type { Capacity } from "../adaptive/capacity-choice.ts";

const onDemandHour = 0.0395;
/** Spot takes off 65 % on a usual day. */
const spotShare = 0.35;
const addressHour = 0.005;

export const minimumBilledMs = 60_000;
/** The pull of the image begins, and with it the bill, about this long after RunTask. */
export const unbilledStartUpMs = 10_000;

export function usdPerHour(capacity: Capacity): number {
  return (capacity === "spot" ? onDemandHour * spotShare : onDemandHour) + addressHour;
}

/** By the second, a minute at least; nothing when it ended before the pull began. */
export function billedMs(billedFrom: number, endedAt: number): number {
  if (endedAt < billedFrom) return 0;
  return Math.max(minimumBilledMs, Math.ceil((endedAt - billedFrom) / 1000) * 1000);
}
