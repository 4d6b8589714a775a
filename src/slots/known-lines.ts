/** What is known of a chunk's calls whose thread has died: it starts again without them. */
import { CloudburstError } from "../base/errors.ts";
import { TimeoutError } from "../base/timeout-error.ts";
import { CallIndices, countCalls } from "../wire/call-ranges.ts";
import { failedMark } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import type { SlotWork } from "./call-slot.ts";
import type { Journalled } from "./slot-memory.ts";

export type Death =
  | { readonly kind: "died"; readonly error: Error; readonly what?: "process" }
  /** It was ended because the call `call` took too long. */
  | { readonly kind: "overdue"; readonly call: number };

type Work = Pick<SlotWork, "steps" | "firstStep" | "ranges" | "known">;

export class KnownLines {
  readonly #work: Work;
  readonly #count: number;
  readonly #lines: (string | undefined)[];
  readonly #blamed = new Set<number>();

  constructor(work: Work) {
    this.#work = work;
    this.#lines = [...(work.known ?? [])];
    this.#count = countCalls(work.ranges);
  }

  /** By call, counted through all steps (slot-memory.ts, M1). */
  get lines(): readonly (string | undefined)[] {
    return this.#lines;
  }

  add({ from, lines }: Journalled): void {
    for (const [at, line] of lines.entries()) {
      if (!this.#blamed.has(from + at)) this.#lines[from + at] = line;
    }
  }

  /** The call under way fails, and it alone (I8). What has been journalled must have been added before. */
  blame(call: number, death: Death): void {
    // It ended just in time: the thread was ended in the next call, which is not to blame.
    if (death.kind === "overdue" && this.#lines[call] !== undefined) return;
    const line = `${failedMark}${encodeValue(this.#failure(call, death), "the error")}`;
    if (!this.#blamed.has(call)) {
      this.#blamed.add(call);
      this.#lines[call] = line;
      return;
    }
    // Without it the thread died again, with no other call under way: the results are too much all together.
    const first = call - (call % this.#count);
    for (let mate = first; mate < first + this.#count; mate += 1) {
      this.#blamed.add(mate);
      this.#lines[mate] = line;
    }
  }

  #failure(call: number, death: Death): Error {
    if (death.kind === "overdue") return new TimeoutError();
    const { steps, firstStep, ranges } = this.#work;
    const task = steps[firstStep + Math.floor(call / this.#count)]?.task ?? "";
    const name = ranges === null ? task : `${task}[${String(new CallIndices(ranges).at(call % this.#count))}]`;
    return new CloudburstError(
      "slot_lost",
      `task ${name} ended its ${death.what ?? "thread"}: ${reasonOf(death.error)}`,
      {
        cause: death.error,
      },
    );
  }
}

function reasonOf(error: Error): string {
  const code: unknown = Reflect.get(error, "code");
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return error.message;
  return "it ran out of memory (give the worker more memory, or fewer threadsPerWorker)";
}
