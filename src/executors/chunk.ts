/** A chunk on its way: what it holds, and who waits for it. */
import type { Failure, IndexRange, Step } from "./executor.ts";
import type { KnownPack, PackSlice } from "./pack-results.ts";
import type { Job } from "./work-pool.ts";

/** Calls that the engine has handed over together. */
export interface Work extends Job {
  /** How often the calls were made before, of the first step. */
  readonly attempt: number;
  /**
   * Calls `range` of step `step` are committed, or all failed alike. Null: the one call of a plain task. A pack that was
   * found may have more calls: those of `packRange`.
   */
  readonly settle: (
    step: number,
    range: IndexRange | null,
    result: KnownPack | Failure,
    packRange?: IndexRange,
  ) => void;
  /** Every call has been settled. */
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
  /** Calls whose last step has not ended. */
  remaining: number;
}

/** Calls of some work that all begin with the same step: of a run that is resumed, since what is before was found. */
export interface Segment extends Job {
  readonly work: Work;
  /** As in the chunks that are cut from it. */
  readonly firstStep: number;
  readonly prior: readonly PackSlice[];
}

export function segmentOf(job: Job): Segment {
  if ("work" in job) return job as Segment; // a work is no segment: the dispatcher adds these two only
  return { ...job, work: job as Work, firstStep: 0, prior: [] };
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

/** Two chunks in place of one. */
export function halvesOf(chunk: Chunk, firstStep: number, prior: readonly PackSlice[]): Chunk[] {
  if (chunk.range === null) throw new RangeError("a plain call cannot be split");
  const middle = middleOf(chunk);
  return [
    createChunk(chunk.work, { start: chunk.range.start, end: middle }, firstStep, prior),
    createChunk(chunk.work, { start: middle, end: chunk.range.end }, firstStep, prior),
  ];
}

export const middleOf = (chunk: Chunk): number => (chunk.range?.start ?? 0) + Math.ceil(callsOf(chunk) / 2);
