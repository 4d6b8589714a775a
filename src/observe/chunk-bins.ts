/**
 * Committed chunks, counted by how long a call in them took: bins of equal ratio, so that a million chunks take no more
 * room than a thousand. Calls and times of a bin are exact sums: only their spread within the bin is lost.
 */

/** Eight bins for each doubling: a bin is 9 % wide. */
const binsPerDoubling = 8;
/** Below this, what is measured is the clock. */
const shortestMs = 0.001;

/** `[bin, chunks, calls, busyMs]` */
export type ChunkBin = [bin: number, chunks: number, calls: number, busyMs: number];

export class ChunkBins {
  readonly #groups = new Map<string, { readonly slugs: string[]; readonly bins: Map<number, ChunkBin> }>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  add(slugs: readonly string[], calls: number, busyMs: number): void {
    const key = slugs.join("\n");
    const group = this.#groups.get(key) ?? { slugs: [...slugs], bins: new Map<number, ChunkBin>() };
    this.#groups.set(key, group);
    const bin = binOf(busyMs / Math.max(1, calls));
    const [, chunks, callsBefore, msBefore] = group.bins.get(bin) ?? [bin, 0, 0, 0];
    group.bins.set(bin, [bin, chunks + 1, callsBefore + calls, msBefore + busyMs]);
  }

  /** What was added since the last time, a group for each chain of steps. */
  take(): readonly { readonly slugs: string[]; readonly bins: ChunkBin[] }[] {
    const groups = [...this.#groups.values()].map(({ slugs, bins }) => ({ slugs, bins: [...bins.values()] }));
    this.#groups.clear();
    return groups;
  }
}

function binOf(callMs: number): number {
  return Math.round(binsPerDoubling * Math.log2(Math.max(shortestMs, callMs)));
}
