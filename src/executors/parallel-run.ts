/**
 * One run on slots of this machine: cuts what the engine hands over into chunks, and gives each free slot the next one.
 *
 *  P1 A slot that is free takes what stands latest in the flow (depth first), in chunks of advised size.
 *  P2 When the run's signal aborts, the calls under way are ended at once, and what waits is never begun.
 */
import { UnsendableValueError } from "../wire/values.ts";
import { CloudburstError } from "../base/errors.ts";
import type { CallSlot } from "../slots/call-slot.ts";
import { CallEstimates } from "./call-estimates.ts";
import { mapTo, submitTo, type WorkDesk } from "./calls-as-work.ts";
import { type Chunk, chunkOf, partCalls, type Segment, segmentOf, settleChunk, stepOf, type Work } from "./chunk.ts";
import { adviseChunkSize } from "./chunk-size.ts";
import type { Call, CallBatch, ClusterReport, ExecutorRun, Outcome, RunContext, Settled } from "./executor.ts";
import { LocalChunks } from "./local-chunks.ts";
import { PackReader } from "./pack-results.ts";
import { WorkPool } from "./work-pool.ts";

/** The slots of a run, and how they are told of. */
export interface SlotCrew {
  readonly description: string;
  readonly workers: number;
  readonly open: () => CallSlot;
  readonly slots: number;
}

export class ParallelRun implements ExecutorRun {
  readonly #run: RunContext;
  readonly #crew: SlotCrew;
  readonly #chunks: LocalChunks;
  readonly #reader: PackReader;
  readonly #slots: readonly CallSlot[];
  readonly #free: CallSlot[];
  readonly #pool = new WorkPool<Segment>();
  readonly #works = new Set<Work>();
  readonly #estimates = new CallEstimates();
  #filling = false;
  #failure: unknown;
  #counts = { chunks: 0, busyMs: 0 };

  /** Opens the slots and bundles the flow side by side; when that fails, the slots are closed. */
  static async start(run: RunContext, crew: SlotCrew): Promise<ParallelRun> {
    const slots = Array.from({ length: crew.slots }, () => crew.open());
    try {
      const chunks = await LocalChunks.open(run);
      const { description, workers } = crew;
      run.emit({ kind: "cluster-started", description, workers, slots: slots.length });
      return new ParallelRun(run, crew, chunks, slots);
    } catch (error) {
      await closeAll(slots);
      throw error;
    }
  }

  private constructor(run: RunContext, crew: SlotCrew, chunks: LocalChunks, slots: readonly CallSlot[]) {
    this.#run = run;
    this.#crew = crew;
    this.#chunks = chunks;
    this.#reader = new PackReader(chunks.store);
    this.#slots = slots;
    this.#free = [...slots];
  }

  get report(): ClusterReport {
    const { description, workers, slots } = this.#crew;
    return { cluster: description, workers, slots, ...this.#counts, duplicates: 0, requests: {}, workerMs: [] };
  }

  async submit(call: Call): Promise<Outcome> {
    return await submitTo(this.#desk, call);
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await mapTo(this.#desk, batch, settle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new CloudburstError("run_ended", "the run has ended"));
    await closeAll(this.#slots);
    await this.#chunks[Symbol.asyncDispose]();
  }

  get #desk(): WorkDesk {
    return { reader: this.#reader, add: (work) => this.#add(work) };
  }

  #add(work: Work): void {
    if (this.#failure !== undefined) {
      work.reject(this.#failure);
      return;
    }
    this.#works.add(work);
    this.#pool.add(segmentOf(work));
    if (this.#filling) return;
    this.#filling = true;
    // What is added in the same turn counts when chunks are cut.
    queueMicrotask(() => {
      this.#filling = false;
      this.#fill();
    });
  }

  #fill(): void {
    for (let slot = this.#free.pop(); slot !== undefined; slot = this.#free.pop()) {
      const chunk = this.#cut();
      if (chunk === undefined) {
        this.#free.push(slot);
        return;
      }
      void this.#runChunk(chunk, slot); // takes its own errors
    }
  }

  #cut(): Chunk | undefined {
    const cut = this.#pool.cut((job, remaining) => {
      const estimate = this.#estimates.of(stepOf(job, 0).slug);
      return adviseChunkSize({ ...estimate, remaining, slots: this.#slots.length });
    });
    return chunkOf(cut);
  }

  async #runChunk(chunk: Chunk, slot: CallSlot): Promise<void> {
    try {
      await this.#runAndSettle(chunk, slot);
    } catch (error) {
      if (error instanceof UnsendableValueError) this.#refuse(chunk, error);
      else this.#fail(error);
    }
    this.#free.push(slot);
    this.#fill();
  }

  async #runAndSettle(chunk: Chunk, slot: CallSlot): Promise<void> {
    const ended = await this.#chunks.run(chunk, slot);
    if (this.#failure !== undefined) return; // late
    if (ended.kind === "unusable") throw ended.error;
    const { packs, busyMs, bytes } = ended;
    this.#counts = { chunks: this.#counts.chunks + 1, busyMs: this.#counts.busyMs + busyMs };
    this.#estimates.add(stepOf(chunk, 0).slug, chunk.calls, busyMs, bytes);
    const slugs = chunk.steps.map(({ slug }) => slug);
    const workerId = `slot ${String(this.#slots.indexOf(slot) + 1)}`;
    this.#run.emit({ kind: "chunk-committed", slugs, calls: chunk.calls, busyMs, workerId });
    for (const [step, pack] of packs.entries()) settleChunk(chunk, step, pack);
    this.#finish(chunk);
  }

  /** An argument that all its calls share cannot travel: they all fail. */
  #refuse(chunk: Chunk, error: UnsendableValueError): void {
    settleChunk(chunk, 0, { kind: "failed", error });
    this.#finish(chunk);
  }

  #finish({ parts }: Chunk): void {
    for (const { work, range } of parts) {
      work.remaining -= partCalls(range);
      if (work.remaining > 0) continue;
      this.#works.delete(work);
      work.done();
    }
  }

  /** No chunk can be run any more: everything that waits is told so, and whatever comes. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#pool.clear();
    const works = [...this.#works];
    this.#works.clear();
    for (const work of works) work.reject(this.#failure);
  }
}

async function closeAll(slots: readonly CallSlot[]): Promise<void> {
  await Promise.all(slots.map((slot) => slot.close()));
}
