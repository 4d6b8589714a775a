/** The calls that wait for a chunk. What stands later in the flow goes first, so that pipelines finish (depth first). */
import type { IndexRange, Step } from "./executor.ts";

/** Calls of the same steps, handed over together, which end one by one. */
export interface Job {
  /** The same object, and the same first step, for all calls that may share a chunk. */
  readonly steps: readonly Step[];
  /** Steps before this one have ended. */
  readonly firstStep: number;
  /** Null for a plain call. */
  readonly range: IndexRange | null;
  /** The calls from here on wait. */
  next: number;
}

/** Calls of one job in a chunk. */
export interface Cut<J extends Job> {
  readonly job: J;
  readonly range: IndexRange | null;
}

/** A chunk names all its ranges, in its message and in its packs: with so many it is still a message that bills once. */
const maxParts = 1_000;

/** Jobs that may share chunks, in the order in which they came. */
interface Line<J extends Job> {
  /** As the flow's builder has added its step. */
  readonly order: number;
  readonly jobs: J[];
  waiting: number;
}

export class WorkPool<J extends Job> {
  /** Latest step first; of the same step in the order in which they came. */
  readonly #lines: Line<J>[] = [];
  /** By steps and first step. */
  readonly #linesOf = new Map<readonly Step[], Map<number, Line<J>>>();
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  add(job: J): void {
    const line = this.#linesOf.get(job.steps)?.get(job.firstStep) ?? this.#begin(job);
    line.jobs.push(job);
    line.waiting += waitingOf(job);
    this.#waiting += waitingOf(job);
  }

  /**
   * Cuts the next chunk, in the order of its calls; `sizeFor` says how many it should hold, given how many of its steps
   * wait. Calls of several jobs share it, so that what became ready here and there does not make a chunk each.
   */
  cut(sizeFor: (job: J, remaining: number) => number): readonly Cut<J>[] {
    const line = this.#lines[0];
    const first = line?.jobs[0];
    if (line === undefined || first === undefined) return [];
    const parts = take(line.jobs, first.range === null ? 1 : sizeFor(first, line.waiting));
    const calls = parts.reduce((sum, { range }) => sum + (range === null ? 1 : range.end - range.start), 0);
    line.waiting -= calls;
    this.#waiting -= calls;
    if (line.jobs.length === 0) this.#endFirst(first);
    return parts.sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0));
  }

  clear(): void {
    this.#lines.length = 0;
    this.#linesOf.clear();
    this.#waiting = 0;
  }

  #begin({ steps, firstStep }: J): Line<J> {
    const line: Line<J> = { order: steps[firstStep]?.order ?? 0, jobs: [], waiting: 0 };
    const place = this.#lines.findIndex(({ order }) => order < line.order);
    this.#lines.splice(place === -1 ? this.#lines.length : place, 0, line);
    const lines = this.#linesOf.get(steps) ?? new Map<number, Line<J>>();
    this.#linesOf.set(steps, lines.set(firstStep, line));
    return line;
  }

  /** The first line is used up, of which `job` was. */
  #endFirst({ steps, firstStep }: J): void {
    this.#lines.shift();
    const lines = this.#linesOf.get(steps);
    lines?.delete(firstStep);
    if (lines?.size === 0) this.#linesOf.delete(steps);
  }
}

/** Takes `size` calls from the first jobs, and the jobs that are used up out of the list. */
function take<J extends Job>(jobs: J[], size: number): Cut<J>[] {
  const parts: Cut<J>[] = [];
  let left = size;
  let usedUp = 0;
  for (const job of jobs) {
    if (left === 0 || parts.length === maxParts) break;
    if (job.range === null) {
      // A plain call is alone, whoever else brings the same steps.
      if (parts.length > 0) break;
      left = 0;
      parts.push({ job, range: null });
    } else {
      const range = { start: job.next, end: Math.min(job.next + left, job.range.end) };
      job.next = range.end;
      left -= range.end - range.start;
      parts.push({ job, range });
    }
    if (job.range !== null && job.next < job.range.end) break;
    usedUp += 1;
  }
  jobs.splice(0, usedUp);
  return parts;
}

const waitingOf = (job: Job): number => (job.range === null ? 1 : job.range.end - job.next);
