/** A chunk on its way: what it holds, and who waits for it. */
import { type CallRanges, countCalls, joinRanges } from "../wire/call-ranges.ts";
import { rangesName } from "../wire/keys.ts";
import type { Failure, IndexRange, Step } from "./executor.ts";
import type { KnownPack, PackPlace } from "./pack-results.ts";
import type { Job } from "./work-pool.ts";

/** Calls that the engine has handed over together. */
export interface Work extends Job {
  /** How often the calls were made before, of the first step. */
  readonly attempt: number;
  /** Calls `range` of step `step` are committed, or all failed alike. Null: the one call of a plain task. */
  readonly settle: (step: number, range: IndexRange | null, result: PackPlace | Failure) => void;
  /** Every call has been settled. */
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
  /** Calls whose last step has not ended. */
  remaining: number;
}

/** Calls of one work in a chunk. */
export interface ChunkPart {
  readonly job: Work;
  /** Null: the one call of a plain task. */
  readonly range: IndexRange | null;
}

export interface Chunk {
  /** The same for every delivery, and for every sending: a function of task and calls (I3). */
  readonly id: string;
  /** The same object in the work of every part. */
  readonly steps: readonly Step[];
  /** At least one, in the order of their calls. */
  readonly parts: readonly [ChunkPart, ...ChunkPart[]];
  /** The calls of all parts. Null: the one call of a plain task. */
  readonly ranges: CallRanges | null;
  readonly calls: number;
  /** Steps before this one are committed: `prior` tells where the results of the chunk's calls begin. */
  readonly firstStep: number;
  readonly prior: readonly PackPlace[];
  /** Deliveries that ended by giving the chunk back: they do not count against it (I9). */
  releases: number;
  /** When it was sent, or last looked for, by the driver's clock. */
  seenAt: number;
}

export function createChunk(
  parts: readonly [ChunkPart, ...ChunkPart[]],
  firstStep = 0,
  prior: readonly PackPlace[] = [],
): Chunk {
  const { steps } = parts[0].job;
  const own = parts.flatMap(({ range }) => range ?? []);
  const ranges = own.length === 0 ? null : joinRanges(own);
  const place = ranges === null ? "" : `[${rangesName(ranges)}]`;
  const id = `${stepOf({ steps }, firstStep).slug}${place}`;
  return { id, steps, parts, ranges, calls: countCalls(ranges), firstStep, prior, releases: 0, seenAt: 0 };
}

export function stepOf({ steps }: Pick<Job, "steps">, position: number): Step {
  const step = steps[position];
  if (step === undefined) throw new RangeError(`no step ${String(position)} in work of ${String(steps.length)} steps`);
  return step;
}

/** All calls of the chunk's step have ended: tells those who wait for them. */
export function settleChunk(chunk: Chunk, step: number, result: KnownPack | Failure): void {
  let from = 0;
  for (const { job, range } of chunk.parts) {
    job.settle(step, range, "kind" in result ? result : { pack: result, from });
    from += partCalls(range);
  }
}

/** Two chunks, of which the first holds the first `calls` calls. */
export function splitChunk(chunk: Chunk, calls: number, firstStep: number, prior: readonly PackPlace[]): Chunk[] {
  const left: ChunkPart[] = [];
  const right: ChunkPart[] = [];
  let before = 0;
  for (const { job, range } of chunk.parts) {
    if (range === null) throw new RangeError("a plain call cannot be split");
    const cut = Math.min(Math.max(range.start, range.start + calls - before), range.end);
    if (range.start < cut) left.push({ job, range: { start: range.start, end: cut } });
    if (cut < range.end) right.push({ job, range: { start: cut, end: range.end } });
    before += partCalls(range);
  }
  const behind = prior.map(({ pack, from }) => ({ pack, from: from + calls }));
  return [
    ...(isSome(left) ? [createChunk(left, firstStep, prior)] : []),
    ...(isSome(right) ? [createChunk(right, firstStep, behind)] : []),
  ];
}

export function isSome<T>(items: readonly T[]): items is readonly [T, ...T[]] {
  return items.length > 0;
}

export const partCalls = (range: IndexRange | null): number => (range === null ? 1 : range.end - range.start);
