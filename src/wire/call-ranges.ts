/**
 * Which calls a chunk holds: half-open ranges of call indices in order, none of them empty, with gaps between them. A
 * call's position is its place among the calls of the chunk: results and arguments stand by position.
 */
import * as z from "zod";

export interface CallRange {
  readonly start: number;
  readonly end: number;
}
export type CallRanges = readonly CallRange[];

export const callRanges = z
  .array(z.object({ start: z.number().int().nonnegative(), end: z.number().int().positive() }))
  .min(1);

/** Null: the one call of a plain task. */
export function countCalls(ranges: CallRanges | null): number {
  return ranges === null ? 1 : ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Of some calls, those within a range. */
export interface PlacedRange extends CallRange {
  /** Of its first call. */
  readonly position: number;
}

export function rangesWithin(ranges: CallRanges, { start, end }: CallRange): PlacedRange[] {
  const placed: PlacedRange[] = [];
  let position = 0;
  for (const range of ranges) {
    if (range.start >= end) break;
    const first = Math.max(range.start, start);
    const last = Math.min(range.end, end);
    if (first < last) placed.push({ start: first, end: last, position: position + first - range.start });
    position += range.end - range.start;
  }
  return placed;
}

/** From index to position and back. */
export class CallIndices {
  readonly count: number;
  readonly #start: number;
  /** By position; only where there are gaps. */
  readonly #indices: Uint32Array | undefined;
  readonly #positions: ReadonlyMap<number, number> | undefined;

  constructor(ranges: CallRanges) {
    this.count = countCalls(ranges);
    this.#start = ranges[0]?.start ?? 0;
    if (ranges.length < 2) return;
    this.#indices = new Uint32Array(this.count);
    let position = 0;
    for (const { start, end } of ranges) for (let at = start; at < end; at += 1) this.#indices[position++] = at;
    this.#positions = new Map(Array.from(this.#indices, (index, at) => [index, at]));
  }

  at(position: number): number {
    return this.#indices?.[position] ?? this.#start + position;
  }

  positionOf(index: number): number {
    return this.#positions?.get(index) ?? index - this.#start;
  }
}

/** Puts ranges in order and joins those that touch. */
export function joinRanges(ranges: CallRanges): CallRange[] {
  const joined: CallRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last?.end === range.start) joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}
