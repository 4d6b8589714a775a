/** One handing-over of calls to the executor: what of it has been told. */
import type { IndexRange, Settled } from "../executors/executor.ts";

const told = 1;
const left = 2;

/**
 * A call may be under way a second time, after a retry, while the executor still tells of the first time: what counts
 * is told once per handing-over. A byte for each call and step.
 */
export class InFlight {
  readonly range: IndexRange;
  readonly #marks: readonly Uint8Array[];

  constructor(steps: number, range: IndexRange) {
    this.range = range;
    this.#marks = Array.from({ length: steps }, () => new Uint8Array(range.end - range.start));
  }

  /** Nothing has been told yet of this call in this step, and it has not left the batch. */
  isOpen(step: number, index: number): boolean {
    return this.#marks[step]?.[index - this.range.start] === 0;
  }

  /** Notes what is told, and returns which calls it does not count for; undefined when it counts for all. */
  note({ step, range }: Pick<Settled, "step" | "range">): ((index: number) => boolean) | undefined {
    const marks = this.#marks[step];
    const { start } = this.range;
    if (marks === undefined) return undefined;
    const part = marks.subarray(range.start - start, range.end - start);
    if (!part.includes(told) && !part.includes(left)) {
      part.fill(told);
      return undefined;
    }
    const before = part.slice();
    for (let at = 0; at < part.length; at += 1) if (part[at] === 0) part[at] = told;
    return (index) => before[index - range.start] !== 0;
  }

  /** The call is made again from `step` on, in a batch of its own: later steps of this one do not count for it. */
  leave(step: number, index: number): void {
    for (const marks of this.#marks.slice(step + 1)) marks[index - this.range.start] = left;
  }
}
