/** Decides whether a call that failed is made again, and when. */
import type { Clock } from "../base/clock.ts";
import type { TaskNode } from "../flow/graph.ts";
import type { RetryPolicy } from "../flow/retry-policy.ts";

export interface RetryWorld {
  readonly clock: Clock;
  readonly random: () => number;
  /** Of tasks that do not say. @default such calls are not made again */
  readonly retry?: RetryPolicy | undefined;
}

/** How calls of the node that fail are made again, if they are. */
export function retryPolicyOf(
  { retry, task }: Pick<TaskNode, "retry" | "task">,
  world: Pick<RetryWorld, "retry">,
): RetryPolicy | undefined {
  return retry ?? (task.isGlue === true ? undefined : world.retry);
}

/**
 * The time of the next attempt in milliseconds; undefined for none. `attempt` counts from 1: the one that failed. What
 * the user's functions throw, or a delay that is no number, ends the retrying: the first error is the one to show.
 */
export function nextAttemptMs(node: TaskNode, attempt: number, error: Error, world: RetryWorld): number | undefined {
  const { clock, random } = world;
  const retry = retryPolicyOf(node, world);
  if (retry === undefined || attempt > retry.maxRetries) return undefined;
  try {
    const delayMs = retry.appliesTo(error) ? retry.delayMs(attempt, random) : NaN;
    return Number.isNaN(delayMs) ? undefined : clock.now() + Math.max(0, delayMs);
  } catch {
    return undefined;
  }
}
