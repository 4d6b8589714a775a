/** A chunk on its way: what it holds, and who waits for it. */
import { type CallRanges, countCalls, joinRanges } from "../wire/call-ranges.ts";
import { rangesName } from "../wire/keys.ts";
import type { Failure, IndexRange, Step } from "./executor.ts";
import type { KnownPack, PackPlace } from "./pack-results.ts";
import type { Cut, Job } from "./work-pool.ts";

/** Calls that the engine has handed over together. */
export interface Work {
  /** The same object for all calls that may share a chunk. */
  readonly steps: readonly Step[];
  /** How often the calls were made before, of the first step. */
  readonly attempt: number;
  /** Null for a plain call. */
  readonly range: IndexRange | null;
  /** Calls `range` of step `step` are committed, or all failed alike. Null: the one call of a plain task. */
  readonly settle: (step: number, range: IndexRange | null, result: PackPlace | Failure) => void;
  /** Every call has been settled. */
  readonly done: () => void;
  readonly reject: (error: unknown) => void;
  /** Calls whose last step has not ended. */
  remaining: number;
}

/** Calls of some work that wait for chunks: all of them, or what was not found of them in a run that is resumed. */
export interface Segment extends Job {
  readonly work: Work;
  /** By step before `firstStep`: where the results of the calls begin. */
  readonly prior: readonly PackPlace[];
}

export function segmentOf(work: Work, range = work.range, prior: readonly PackPlace[] = []): Segment {
  return { work, steps: work.steps, firstStep: prior.length, range, next: range?.start ?? 0, prior };
}

/** Calls of one work in a chunk. */
export interface ChunkPart {
  readonly work: Work;
  /** Null: the one call of a plain task. */
  readonly range: IndexRange | null;
  /** By step before the chunk's first: where the results of the calls begin. */
  readonly prior: readonly PackPlace[];
}

export interface Chunk {
  /** The same for every delivery, and for every sending: a function of task and calls (I3). */
  readonly id: string;
  /** As in the work of every part: the same object, and so the same attempt. */
  readonly steps: readonly Step[];
  readonly attempt: number;
  /** At least one, in the order of their calls. */
  readonly parts: readonly ChunkPart[];
  /** The calls of all parts. Null: the one call of a plain task. */
  readonly ranges: CallRanges | null;
  readonly calls: number;
  /** Steps before this one are committed: each part's `prior` tells where. */
  readonly firstStep: number;
  /** Deliveries that ended by giving the chunk back: they do not count against it (I9). */
  releases: number;
  /** When it was sent, or last looked for, by the driver's clock. */
  seenAt: number;
}

/** A chunk of what was cut for it; undefined when that is nothing. */
export function chunkOf(cuts: readonly Cut<Segment>[]): Chunk | undefined {
  return cuts.length === 0 ? undefined : createChunk(cuts.map(({ job, range }) => within(job, range)));
}

/** @param parts at least one; of the same steps, with the same of them ended */
export function createChunk(parts: readonly ChunkPart[]): Chunk {
  const [first] = parts;
  if (first === undefined) throw new RangeError("a chunk needs calls");
  const { steps, attempt } = first.work;
  const firstStep = first.prior.length;
  const own = parts.flatMap(({ range }) => range ?? []);
  const ranges = own.length === 0 ? null : joinRanges(own);
  const place = ranges === null ? "" : `[${rangesName(ranges)}]`;
  const id = `${stepOf({ steps }, firstStep).slug}${place}`;
  return { id, steps, attempt, parts, ranges, calls: countCalls(ranges), firstStep, releases: 0, seenAt: 0 };
}

export function stepOf({ steps }: Pick<Work, "steps">, position: number): Step {
  const step = steps[position];
  if (step === undefined) throw new RangeError(`no step ${String(position)} in work of ${String(steps.length)} steps`);
  return step;
}

/** All calls of the chunk's step have ended: tells those who wait for them. */
export function settleChunk(chunk: Chunk, step: number, result: KnownPack | Failure): void {
  let from = 0;
  for (const { work, range } of chunk.parts) {
    work.settle(step, range, "kind" in result ? result : { pack: result, from });
    from += partCalls(range);
  }
}

/** The same calls as they go on behind `committed`, the packs of the chunk's next steps. */
export function advance(chunk: Chunk, committed: readonly KnownPack[]): Chunk {
  let from = 0;
  const parts = chunk.parts.map(({ work, range, prior }): ChunkPart => {
    const own = committed.map((pack) => ({ pack, from }));
    from += partCalls(range);
    return { work, range, prior: [...prior, ...own] };
  });
  return createChunk(parts);
}

/** How many calls the first of two halves holds. */
export const firstHalf = (chunk: Chunk): number => Math.ceil(chunk.calls / 2);

/** Two chunks in place of one of several calls. */
export function halvesOf(chunk: Chunk): Chunk[] {
  const left: ChunkPart[] = [];
  const right: ChunkPart[] = [];
  let wanted = firstHalf(chunk);
  for (const part of chunk.parts) {
    const { range } = part;
    if (range === null) throw new RangeError("a plain call cannot be split");
    const middle = Math.min(range.start + wanted, range.end);
    wanted -= middle - range.start;
    if (range.start < middle) left.push(within(part, { start: range.start, end: middle }));
    if (middle < range.end) right.push(within(part, { start: middle, end: range.end }));
  }
  return [createChunk(left), createChunk(right)];
}

export const partCalls = (range: IndexRange | null): number => (range === null ? 1 : range.end - range.start);

/** Of a part, or a segment, the calls `range`. */
function within({ work, range: whole, prior }: ChunkPart, range: IndexRange | null): ChunkPart {
  const before = range === null || whole === null ? 0 : range.start - whole.start;
  return { work, range, prior: prior.map(({ pack, from }) => ({ pack, from: from + before })) };
}
