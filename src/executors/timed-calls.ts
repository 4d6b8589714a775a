/**
 * Calls of tasks with a timeout, for an executor that runs the others in this process: only a thread of its own can be
 * ended in the middle of a body that never lets go of it.
 *
 *  T1 The thread is opened for the first such call, and closed with the run.
 *  T2 A call that cannot be made there is left to this process, where its timeout is soft; that is said once.
 */
import { pathToFileURL } from "node:url";
import { toError } from "../base/errors.ts";
import { findWorkerFile } from "../cluster/worker-file.ts";
import { Slot } from "../slots/slot.ts";
import { UnsendableValueError } from "../wire/values.ts";
import { CallEstimates } from "./call-estimates.ts";
import { createChunk, type Work } from "./chunk.ts";
import { adviseChunkSize } from "./chunk-size.ts";
import type { IndexRange, RunContext, Step } from "./executor.ts";
import { LocalChunks } from "./local-chunks.ts";
import type { KnownPack } from "./pack-results.ts";

interface Opened {
  readonly chunks: LocalChunks;
  readonly slot: Slot;
}

export class TimedCalls implements AsyncDisposable {
  readonly #run: RunContext;
  readonly #estimates = new CallEstimates();
  readonly #told = new Set<string>();
  /** Tasks that the thread does not know. */
  readonly #soft = new Set<string>();
  #opening: Promise<Opened | undefined> | undefined;

  constructor(run: RunContext) {
    this.#run = run;
  }

  /** Whether the calls of a step are to be made here, as far as is known. */
  takes({ task, timeoutMs }: Step): boolean {
    return timeoutMs !== undefined && !this.#soft.has(task.name);
  }

  /** How many calls of `range` to make in one go: their results come together. */
  advise({ slug }: Step, { start, end }: IndexRange): number {
    return adviseChunkSize({ ...this.#estimates.of(slug), remaining: end - start, slots: 1 });
  }

  /**
   * Makes the calls; undefined when they have to be made in this process.
   *
   * @throws the reason of the run's signal, when that aborts
   */
  async make(step: Step, attempt: number, range: IndexRange | null): Promise<KnownPack | undefined> {
    const { task, slug } = step;
    const opened = await (this.#opening ??= this.#open());
    if (opened === undefined) {
      this.#soft.add(task.name);
      return undefined;
    }
    try {
      const ended = await opened.chunks.run(
        createChunk([{ work: workOf(step, attempt, range), range, prior: [] }]),
        opened.slot,
      );
      if (ended.kind === "unusable") {
        this.#leave(task.name, ended.error);
        return undefined;
      }
      this.#estimates.add(slug, range === null ? 1 : range.end - range.start, ended.busyMs, ended.bytes);
      return ended.packs[0];
    } catch (error) {
      if (!(error instanceof UnsendableValueError)) throw error;
      this.#leave(task.name, error);
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening;
    await opened?.slot.close();
    await opened?.chunks[Symbol.asyncDispose]();
  }

  async #open(): Promise<Opened | undefined> {
    try {
      const file = pathToFileURL(findWorkerFile());
      const chunks = await LocalChunks.open(this.#run);
      return { chunks, slot: new Slot({ file }) };
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  #leave(task: string, reason: unknown): void {
    this.#soft.add(task);
    this.#tell(reason);
  }

  #tell(reason: unknown): void {
    const { message } = toError(reason);
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#run.emit({
      kind: "warning",
      message: `the timeouts of some tasks are soft, as their calls cannot be made in a thread of their own: ${message}`,
    });
  }
}

function workOf(step: Step, attempt: number, range: IndexRange | null): Work {
  const nobody = (): void => undefined;
  return { steps: [step], attempt, range, remaining: 0, settle: nobody, done: nobody, reject: nobody };
}
