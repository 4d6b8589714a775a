/**
 * Things to do at their times, soonest first: a binary heap and one sleep at a time.
 *
 * - Q1 What is due is done in the order of due times; what is due together is done in one go.
 * - Q2 After `stop` nothing more is done, and nobody sleeps.
 */
import type { Clock } from "../base/clock.ts";

interface Due {
  readonly atMs: number;
  readonly act: () => void;
}

export class DueQueue {
  readonly #clock: Clock;
  readonly #heap: Due[] = [];
  #sleepingUntilMs = Infinity;
  #awake = new AbortController();
  #running = false;
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0;
  }

  add(atMs: number, act: () => void): void {
    if (this.#stopped) return;
    this.#push({ atMs, act });
    if (!this.#running)
      void this.#run(); // ends by itself: nothing it does rejects
    else if (atMs < this.#sleepingUntilMs) this.#awake.abort();
  }

  stop(): void {
    this.#stopped = true;
    this.#heap.length = 0;
    this.#awake.abort();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      const waitMs = next.atMs - this.#clock.now();
      if (waitMs > 0) await this.#sleep(next.atMs, waitMs);
      else this.#pop()?.act();
    }
    this.#running = false;
  }

  async #sleep(untilMs: number, waitMs: number): Promise<void> {
    this.#awake = new AbortController();
    this.#sleepingUntilMs = untilMs;
    try {
      await this.#clock.sleep(waitMs, this.#awake.signal);
    } catch {
      // Woken early: something sooner has come, or the run has ended.
    }
    this.#sleepingUntilMs = Infinity;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || parent.atMs <= due.atMs) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const smaller = (heap[left + 1]?.atMs ?? Infinity) < (heap[left]?.atMs ?? Infinity) ? left + 1 : left;
      const child = heap[smaller];
      if (child === undefined || child.atMs >= last.atMs) break;
      heap[at] = child;
      at = smaller;
    }
    heap[at] = last;
    return first;
  }
}
