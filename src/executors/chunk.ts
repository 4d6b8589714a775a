/** A chunk on its way: what it holds, and who waits for it. */
import type { Failure, IndexRange, Step } from "./executor.ts";
import type { KnownPack, PackSlice } from "./pack-results.ts";
import type { Job } from "./work-pool.ts";

/** Calls that the engine has handed over together. */
export interface Work extends Job {
  /** How often the calls were made before, of the first step. */
  readonly attempt: number;
  /** Calls `range` of step `step` are committed, or all failed alike. Null: the one call of a plain task. */
  readonly settle: (step: number, range: IndexRange | null, result: KnownPack | Failure) => void;
  /** Every call has been settled. */
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
  /** Calls whose last step has not ended. */
  remaining: number;
}

export interface Chunk {
  /** The same for every delivery, and for every sending: a function of task and range (I3). */
  readonly id: string;
  readonly work: Work;
  readonly range: IndexRange | null;
  /** Steps before this one are committed: `prior` has their results for a range that covers the chunk's. */
  readonly firstStep: number;
  readonly prior: readonly PackSlice[];
  /** Deliveries that ended by giving the chunk back: they do not count against it (I9). */
  releases: number;
  /** When it was sent, or last looked for, by the driver's clock. */
  seenAt: number;
}

export function createChunk(
  work: Work,
  range: IndexRange | null,
  firstStep = 0,
  prior: readonly PackSlice[] = [],
): Chunk {
  const place = range === null ? "" : `[${String(range.start)}-${String(range.end)}]`;
  return { id: `${stepOf(work, firstStep).slug}${place}`, work, range, firstStep, prior, releases: 0, seenAt: 0 };
}

export function stepOf(work: Job, position: number): Step {
  const step = work.steps[position];
  if (step === undefined)
    throw new RangeError(`no step ${String(position)} in work of ${String(work.steps.length)} steps`);
  return step;
}

export const callsOf = (chunk: Chunk): number => (chunk.range === null ? 1 : chunk.range.end - chunk.range.start);
