/** Work of one process, the earliest-created step first: a binary heap. */

export interface Job {
  /** Position in which the step was added to the flow. */
  readonly order: number;
  /** Its first call. */
  readonly start: number;
  /** Does the work; never rejects. */
  readonly run: () => Promise<void>;
  /** Gives the work up. */
  readonly drop: () => void;
}

export class JobQueue {
  readonly #heap: Job[] = [];

  add(job: Job): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(job);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || !comesBefore(job, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = job;
  }

  /** Removes and returns the first job. */
  take(): Job | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === last) return first;
    this.#sink(last);
    return first;
  }

  #sink(job: Job): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const smaller = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      const child = heap[smaller];
      if (child === undefined || !comesBefore(child, job)) break;
      heap[at] = child;
      at = smaller;
    }
    heap[at] = job;
  }
}

function isBefore(a: Job | undefined, b: Job | undefined): boolean {
  return a !== undefined && b !== undefined && comesBefore(a, b);
}

function comesBefore(a: Job, b: Job): boolean {
  return a.order < b.order || (a.order === b.order && a.start < b.start);
}
