/** Calls that wait for a slot, as ranges: what was given back first, then in the order of their release. */

export interface CallRange {
  readonly batch: number;
  readonly from: number;
  readonly to: number;
}

export class CallQueue {
  readonly #ranges: CallRange[] = [];
  readonly #waiting: number[];
  #head = 0;

  constructor(batches: number) {
    this.#waiting = Array.from({ length: batches }, () => 0);
  }

  waitingIn(batch: number): number {
    return this.#waiting[batch] ?? 0;
  }

  get first(): CallRange | undefined {
    return this.#ranges[this.#head];
  }

  add(range: CallRange): void {
    this.#ranges.push(range);
    this.#count(range, 1);
  }

  giveBack(range: CallRange): void {
    if (this.#head === 0) this.#ranges.unshift(range);
    else this.#ranges[(this.#head -= 1)] = range;
    this.#count(range, 1);
  }

  /** Takes up to `calls` calls off the first range. */
  take(calls: number): CallRange | undefined {
    const first = this.first;
    if (first === undefined) return undefined;
    const to = Math.min(first.to, first.from + calls);
    const taken = { ...first, to };
    if (to === first.to) this.#head += 1;
    else this.#ranges[this.#head] = { ...first, from: to };
    this.#count(taken, -1);
    return taken;
  }

  #count({ batch, from, to }: CallRange, sign: number): void {
    this.#waiting[batch] = this.waitingIn(batch) + sign * (to - from);
  }
}
