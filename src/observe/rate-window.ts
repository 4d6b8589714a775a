/** How fast a growing number grows, judged by its last seconds only, so that a slow start is forgotten. */
export class RateWindow {
  readonly #windowMs: number;
  /** Oldest first; the first one may lie just outside the window. */
  #samples: readonly { readonly atMs: number; readonly total: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(atMs: number, total: number): void {
    const oldestMs = atMs - this.#windowMs;
    const kept = this.#samples.filter((_, i) => (this.#samples[i + 1]?.atMs ?? Infinity) > oldestMs);
    this.#samples = [...kept, { atMs, total }];
  }

  /** Undefined while it cannot be told: fewer than two samples, or no growth among them. */
  perSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    if (last.atMs === first.atMs || last.total === first.total) return undefined;
    return ((last.total - first.total) * 1000) / (last.atMs - first.atMs);
  }
}
