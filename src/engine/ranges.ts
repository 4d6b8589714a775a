import type { IndexRange } from "../executors/executor.ts";

/** Indices collected in any order and taken as few ranges: neighbours are joined. */
export class Ranges {
  #ranges: IndexRange[] = [];

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  add(start: number, end: number): void {
    if (start < end) this.#ranges.push({ start, end });
  }

  /** Everything collected, in order; nothing is left. */
  take(): readonly IndexRange[] {
    const ranges = this.#ranges;
    this.#ranges = [];
    return ranges.length < 2 ? ranges : joinNeighbours(ranges);
  }
}

function joinNeighbours(ranges: IndexRange[]): IndexRange[] {
  ranges.sort((a, b) => a.start - b.start);
  const joined: IndexRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.end === range.start) joined[joined.length - 1] = { start: last.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}

/** From the first to the last; they may be more than one call can have arguments. */
export function around(indices: Iterable<number>): IndexRange {
  let start = Infinity;
  let end = 0;
  for (const index of indices) {
    start = Math.min(start, index);
    end = Math.max(end, index + 1);
  }
  return { start: Math.min(start, end), end };
}
