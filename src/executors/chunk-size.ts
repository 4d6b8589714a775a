/** How many calls one chunk should hold: a pure function, guided self-scheduling with bounds by time and size. */

export interface ChunkAdvice {
  /** Milliseconds that one call takes, or undefined while nothing is known. */
  readonly callMs: number | undefined;
  /** Bytes that one result takes, or undefined while nothing is known. */
  readonly resultBytes: number | undefined;
  /** Calls of the task that wait, those of this chunk included. */
  readonly remaining: number;
  /** Calls that the cluster runs at once. */
  readonly slots: number;
}

/** A chunk should keep a slot busy for this long: its overhead of some milliseconds vanishes, and the fleet stays agile. */
export const targetChunkMs = 2_000;
/** Below this a chunk costs more in requests than it gains in balance. */
const leastChunkMs = 20;
/** Rounds of chunks that remain for each slot: the tail is made of small chunks, so that slots end together. */
const roundsPerSlot = 4;
/** A pack should stay well below what a worker or the driver minds to hold in memory. */
const maxPackBytes = 8 * 1024 * 1024;
const maxCalls = 50_000;

/** At least 1, at most `remaining`. One call while nothing is known: the first small wave measures. */
export function adviseChunkSize(advice: ChunkAdvice): number {
  const { callMs, resultBytes, remaining, slots } = advice;
  if (callMs === undefined) return 1;
  const perCall = Math.max(callMs, 1e-6);
  const byTime = targetChunkMs / perCall;
  const guided = Math.max(remaining / (roundsPerSlot * slots), leastChunkMs / perCall);
  const bySize = maxPackBytes / Math.max(resultBytes ?? 1, 1);
  const size = Math.floor(Math.min(byTime, guided, bySize, maxCalls, remaining));
  return Math.max(1, size);
}
