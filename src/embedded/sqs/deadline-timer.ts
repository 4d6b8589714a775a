import type { Clock } from "../../base/clock.ts";

/** Something that happens at a time. It keeps its own place in the heap, so that it is found again in O(1). */
export interface Deadline {
  dueAt: number;
  /** Managed by the timer; -1 while not scheduled. */
  heapIndex: number;
}

/**
 * Any number of deadlines behind one running timer: a binary heap, O(log n) to add, move or drop one.
 *
 * D1 An entry is in the heap at most once; `heapIndex` is its place.
 * D2 While the heap is not empty, a timer runs that ends no later than the earliest deadline. It may end earlier (the
 *    entry has moved since); then it is set anew.
 */
export class DeadlineTimer<T extends Deadline> {
  readonly #clock: Clock;
  readonly #onDue: (entries: readonly T[]) => void;
  readonly #heap: T[] = [];
  #armedFor = Infinity;
  #sleep = new AbortController();
  #closed = false;

  constructor(clock: Clock, onDue: (entries: readonly T[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Adds the entry, or moves it to its new time. */
  schedule(entry: T, dueAt: number): void {
    entry.dueAt = dueAt;
    if (entry.heapIndex === -1) {
      entry.heapIndex = this.#heap.length;
      this.#heap.push(entry);
    }
    this.#settle(entry);
    this.#arm();
  }

  cancel(entry: T): void {
    const index = entry.heapIndex;
    if (index === -1) return;
    entry.heapIndex = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.heapIndex = index;
    this.#heap[index] = last;
    this.#settle(last);
  }

  close(): void {
    this.#closed = true;
    this.#heap.length = 0;
    this.#sleep.abort();
  }

  #arm(): void {
    const earliest = this.#heap[0];
    if (this.#closed || earliest === undefined || this.#armedFor <= earliest.dueAt) return;
    this.#sleep.abort();
    this.#sleep = new AbortController();
    this.#armedFor = earliest.dueAt;
    const { signal } = this.#sleep;
    this.#clock.sleep(Math.max(0, earliest.dueAt - this.#clock.now()), signal).then(
      () => {
        if (!signal.aborted) this.#fire();
      },
      () => undefined, // replaced by an earlier timer, or closed
    );
  }

  #fire(): void {
    this.#armedFor = Infinity;
    const now = this.#clock.now();
    const due: T[] = [];
    for (let entry = this.#heap[0]; entry !== undefined && entry.dueAt <= now; entry = this.#heap[0]) {
      this.cancel(entry);
      due.push(entry);
    }
    if (due.length > 0) this.#onDue(due);
    this.#arm();
  }

  #settle(entry: T): void {
    if (!this.#rise(entry)) this.#sink(entry);
  }

  #rise(entry: T): boolean {
    let moved = false;
    while (entry.heapIndex > 0) {
      const parent = this.#heap[(entry.heapIndex - 1) >> 1];
      if (parent === undefined || parent.dueAt <= entry.dueAt) break;
      this.#swap(entry, parent);
      moved = true;
    }
    return moved;
  }

  #sink(entry: T): void {
    for (;;) {
      const child = this.#earlierChild(entry.heapIndex);
      if (child === undefined || child.dueAt >= entry.dueAt) return;
      this.#swap(entry, child);
    }
  }

  #earlierChild(index: number): T | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
  }

  #swap(a: T, b: T): void {
    const index = a.heapIndex;
    a.heapIndex = b.heapIndex;
    b.heapIndex = index;
    this.#heap[a.heapIndex] = a;
    this.#heap[b.heapIndex] = b;
  }
}
