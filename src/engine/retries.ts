/** Decides whether a call that failed is made again, and when. */
import type { Clock } from "../base/clock.ts";
import type { TaskNode } from "../flow/graph.ts";

export interface RetryWorld {
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * The time of the next attempt in milliseconds; undefined for none. `attempt` counts from 1: the one that failed. What
 * the user's functions throw, or a delay that is no number, ends the retrying: the first error is the one to show.
 */
export function nextAttemptMs(
  { retry }: TaskNode,
  attempt: number,
  error: Error,
  { clock, random }: RetryWorld,
): number | undefined {
  if (retry === undefined || attempt > retry.maxRetries) return undefined;
  try {
    const delayMs = retry.appliesTo(error) ? retry.delayMs(attempt, random) : NaN;
    return Number.isNaN(delayMs) ? undefined : clock.now() + Math.max(0, delayMs);
  } catch {
    return undefined;
  }
}
