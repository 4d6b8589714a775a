/** What a run has to do, as its driver counts it: exact, whatever the queue says. */
import type { MeasuredCalls } from "./call-estimates.ts";

/** Calls of one task that were handed over and have not ended. */
export interface TaskLoad {
  /** Slug of the task, of a fused chain that of its first; the same for all attempts. */
  readonly slug: string;
  /** Slugs of all tasks of the chain. */
  readonly chain: readonly string[];
  readonly remainingCalls: number;
}

export interface Workload {
  readonly tasks: readonly TaskLoad[];
  /** Chunks that were sent and of which nothing final has been heard. */
  readonly chunks: number;
  /** Calls in these chunks. */
  readonly callsInChunks: number;
  /** What this run has measured, by slug as in `TaskLoad`. */
  readonly measured: (slug: string) => MeasuredCalls | undefined;
}

export const noWorkload: Workload = { tasks: [], chunks: 0, callsInChunks: 0, measured: () => undefined };

/** Attempts of one task count together: `resize~2` is `resize`. */
export function taskOfSlug(slug: string): string {
  return slug.split("~", 1)[0] ?? slug;
}
