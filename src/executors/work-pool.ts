/** The calls that wait for a chunk. What stands later in the flow goes first, so that pipelines finish (depth first). */
import type { IndexRange, Step } from "./executor.ts";

/** One `submit` or `map` of the engine: calls of the same steps, which end one by one. */
export interface Job {
  readonly steps: readonly Step[];
  /** Null for a plain call. */
  readonly range: IndexRange | null;
  /** The calls from here on wait. */
  next: number;
}

/** What is cut from a job for one chunk. */
export interface Cut {
  readonly job: Job;
  readonly range: IndexRange | null;
}

export class WorkPool {
  /** Latest step first; jobs of the same step in the order in which they came. */
  readonly #jobs: Job[] = [];
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  add(job: Job): void {
    const place = this.#jobs.findIndex((other) => orderOf(other) < orderOf(job));
    this.#jobs.splice(place === -1 ? this.#jobs.length : place, 0, job);
    this.#waiting += waitingOf(job);
  }

  /** Cuts the next chunk; `sizeFor` says how many calls it should hold, given how many of its step wait. */
  cut(sizeFor: (job: Job, remaining: number) => number): Cut | undefined {
    const job = this.#jobs[0];
    if (job === undefined) return undefined;
    if (job.range === null) {
      this.#jobs.shift();
      this.#waiting -= 1;
      return { job, range: null };
    }
    const size = Math.min(sizeFor(job, this.#remainingLike(job)), job.range.end - job.next);
    const range = { start: job.next, end: job.next + size };
    job.next = range.end;
    this.#waiting -= size;
    if (job.next >= job.range.end) this.#jobs.shift();
    return { job, range };
  }

  clear(): void {
    this.#jobs.length = 0;
    this.#waiting = 0;
  }

  #remainingLike(job: Job): number {
    let remaining = 0;
    for (const other of this.#jobs) if (other.steps[0]?.slug === job.steps[0]?.slug) remaining += waitingOf(other);
    return remaining;
  }
}

const waitingOf = (job: Job): number => (job.range === null ? 1 : job.range.end - job.next);
const orderOf = (job: Job): number => job.steps[0]?.order ?? 0;
