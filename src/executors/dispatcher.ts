/**
 * Hands calls to the cluster in chunks and learns from the notices how they ended.
 *
 *  D1 Only a bounded window of chunks is in the queue, so that sizes adapt to what is measured.
 *  D2 A chunk is settled once: later notices about it are duplicates and change nothing.
 *  D3 A notice is a hint (I4): what it lacks is read from the store, and a chunk of which nothing is heard is looked
 *     up there before it is sent again.
 *  D4 In a run that is resumed, what drivers before have committed is settled first; no chunk has the key of a pack that is
 *     there already.
 */
import type { Clock } from "../base/clock.ts";
import type { Queue } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";
import { packKey } from "../wire/keys.ts";
import type { Notice, StepResult } from "../wire/notice.ts";
import { UnsendableValueError } from "../wire/values.ts";
import { CallEstimates } from "./call-estimates.ts";
import {
  type Chunk,
  chunkOf,
  halvesOf,
  partCalls,
  type Segment,
  segmentOf,
  settleChunk,
  stepOf,
  type Work,
} from "./chunk.ts";
import { adviseChunkSize } from "./chunk-size.ts";
import type { ChunkWriter } from "./chunk-writer.ts";
import type { Step } from "./executor.ts";
import type { FoundResults } from "./found-results.ts";
import { type KnownPack, readPack } from "./pack-results.ts";
import { takeFound } from "./take-found.ts";
import { type TaskLoad, taskOfSlug, type Workload } from "./workload.ts";
import { WorkPool } from "./work-pool.ts";

type Committed = Extract<Notice, { readonly kind: "committed" }>;

export interface DispatcherDeps {
  readonly runId: string;
  readonly tasks: Queue;
  readonly store: Store;
  readonly write: ChunkWriter;
  /** Calls that the cluster runs at once. */
  readonly slots: () => number;
  /** Chunks in the queue or in work for each slot (D1). @default one that runs and one that waits, so that no slot idles */
  readonly windowPerSlot?: number | undefined;
  readonly clock: Clock;
  /** What drivers before have left; undefined unless the run is resumed. */
  readonly found?: FoundResults | undefined;
  /** Told when another number of chunks is out. */
  readonly noteOut?: (chunks: number) => void;
  /** The dispatcher itself cannot go on: the run must end. */
  readonly fail: (error: unknown) => void;
}

export interface DispatcherCounts {
  readonly chunks: number;
  readonly duplicates: number;
  readonly busyMs: number;
  /** Calls whose results were there already; only of a run that is resumed. */
  readonly foundCalls?: number;
}

const defaultWindowPerSlot = 2;

export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #pool = new WorkPool<Segment>();
  readonly #estimates = new CallEstimates();
  /** As `#estimates`, with all attempts of a task taken together. */
  readonly #totals = new CallEstimates();
  readonly #sent = new Map<string, Chunk>();
  readonly #works = new Set<Work>();
  #filling = false;
  #chunks = 0;
  #duplicates = 0;
  #busyMs = 0;
  #found = 0;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  get counts(): DispatcherCounts {
    const found = this.#deps.found === undefined ? {} : { foundCalls: this.#found };
    return { chunks: this.#chunks, duplicates: this.#duplicates, busyMs: this.#busyMs, ...found };
  }

  /** Chunks that were sent and of which nothing final has been heard. */
  get outstanding(): readonly Chunk[] {
    return [...this.#sent.values()];
  }

  /** What it was handed and has not ended. */
  get workload(): Workload {
    return {
      tasks: this.#loads(),
      chunks: this.#sent.size,
      callsInChunks: this.outstanding.reduce((sum, { calls }) => sum + calls, 0),
      measured: (slug) => this.#totals.measured(slug),
    };
  }

  /** Slugs of the tasks of which calls have ended. */
  get measuredTasks(): readonly string[] {
    return this.#totals.keys;
  }

  get isIdle(): boolean {
    return this.#works.size === 0;
  }

  /** The window may have grown: there are more slots. */
  refill(): void {
    this.#fill();
  }

  add(work: Work): void {
    this.#works.add(work);
    if (this.#deps.found !== undefined) {
      this.#addToFound(work, this.#deps.found).catch(this.#deps.fail);
      return;
    }
    this.#pool.add(segmentOf(work));
    this.#fill();
  }

  /** D4 */
  async #addToFound(work: Work, found: FoundResults): Promise<void> {
    const isOver = (): boolean => !this.#works.has(work);
    const { calls, left } = await takeFound(work, { found, isOver });
    if (isOver()) return;
    this.#found += calls;
    for (const segment of left) this.#pool.add(segment);
    this.#ended(work, calls);
    this.#fill();
  }

  /** Sends these chunks, whatever the window: they were in it before. */
  async resend(given: readonly Chunk[]): Promise<void> {
    const chunks = given.flatMap((chunk) => this.#free(chunk));
    for (const chunk of chunks) this.#sent.set(chunk.id, chunk);
    await this.#send(chunks);
  }

  find(chunkId: string): Chunk | undefined {
    return this.#sent.get(chunkId);
  }

  /** The chunk will not be settled under this id any more: it is being split (I8). */
  withdraw(chunk: Chunk): void {
    this.#sent.delete(chunk.id);
  }

  async committed(notice: Committed): Promise<void> {
    const chunk = this.#sent.get(notice.chunk);
    if (chunk === undefined) {
      this.#duplicates += 1; // D2
      return;
    }
    this.#busyMs += notice.busyMs;
    await this.#settle(chunk, notice.results, notice.busyMs);
  }

  /** Settles a chunk from the store alone; false when its last step is not committed (D3). */
  async settleFromStore(chunk: Chunk): Promise<boolean> {
    const last = stepOf(chunk, chunk.steps.length - 1);
    const pack = await readPack(this.#deps.store, packKey(this.#deps.runId, last.slug, chunk.ranges));
    if (pack === undefined || pack.trailer.split !== undefined) return false;
    await this.#settle(
      chunk,
      chunk.steps.slice(chunk.firstStep).map(() => ({})),
      undefined,
    );
    return true;
  }

  /** Ends all work with the error; what is told later changes nothing. */
  abort(error: unknown): void {
    this.#pool.clear();
    this.#sent.clear();
    const works = [...this.#works];
    this.#works.clear();
    for (const work of works) work.reject(error);
  }

  async #settle(chunk: Chunk, results: readonly StepResult[], busyMs: number | undefined): Promise<void> {
    this.#sent.delete(chunk.id); // before the first await: D2
    this.#deps.noteOut?.(this.#sent.size);
    let bytes = 0;
    for (const [position, result] of results.entries()) {
      if (result.index === undefined && busyMs !== undefined && position === results.length - 1) this.#duplicates += 1;
      const pack = await this.#packOf(chunk, chunk.firstStep + position, result);
      bytes += pack.index.bytes;
      settleChunk(chunk, chunk.firstStep + position, pack);
    }
    if (busyMs !== undefined) {
      const { slug } = stepOf(chunk, chunk.firstStep);
      this.#estimates.add(slug, chunk.calls, busyMs, bytes);
      this.#totals.add(taskOfSlug(slug), chunk.calls, busyMs, undefined);
    }
    this.finish(chunk);
  }

  /** The last step of the chunk's calls has ended. */
  finish(chunk: Chunk): void {
    for (const { work, range } of chunk.parts) this.#ended(work, partCalls(range));
    this.#fill();
  }

  #ended(work: Work, calls: number): void {
    work.remaining -= calls;
    if (work.remaining > 0) return;
    this.#works.delete(work);
    work.done();
  }

  /** The chunk, cut in halves as long as its place in the store is taken: by a fence, or by results of which not all count. */
  #free(chunk: Chunk): readonly Chunk[] {
    const { found } = this.#deps;
    const { ranges } = chunk;
    if (found === undefined || ranges === null || chunk.calls === 1) return [chunk];
    const slugs = chunk.steps.slice(chunk.firstStep).map(({ slug }) => slug);
    if (!slugs.some((slug) => found.isTaken(slug, ranges))) return [chunk];
    return halvesOf(chunk).flatMap((half) => this.#free(half));
  }

  #loads(): readonly TaskLoad[] {
    const remainingBySteps = new Map<readonly Step[], number>();
    for (const { steps, remaining } of this.#works) {
      remainingBySteps.set(steps, (remainingBySteps.get(steps) ?? 0) + remaining);
    }
    const loads = new Map<string, TaskLoad>();
    for (const [steps, remaining] of remainingBySteps) {
      const chain = steps.map(({ slug }) => taskOfSlug(slug));
      const slug = chain[0] ?? "";
      const before = loads.get(slug);
      const merged = before === undefined ? chain : [...new Set([...before.chain, ...chain])];
      loads.set(slug, { slug, chain: merged, remainingCalls: (before?.remainingCalls ?? 0) + remaining });
    }
    return [...loads.values()];
  }

  /** All that the engine must hear of a pack: which calls failed and how. Read from the store where the notice lacks it. */
  async #packOf(chunk: Chunk, position: number, result: StepResult): Promise<KnownPack> {
    const step = stepOf(chunk, position);
    const key = packKey(this.#deps.runId, step.slug, chunk.ranges);
    const { index, lines, failures } = result;
    const lengthsKnown = !step.wantsLengths || result.lengths !== undefined;
    if (index !== undefined && (lines !== undefined || failures !== undefined) && lengthsKnown) {
      return { key, index, lines, lengths: result.lengths, failures };
    }
    const read = await readPack(this.#deps.store, key);
    if (read === undefined) throw new Error(`the pack ${key} was told as committed and is not in the bucket`);
    return read;
  }

  /** Cuts and sends chunks until the window is full; one pass at a time, which takes up what comes meanwhile. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    this.#pass().catch(this.#deps.fail);
  }

  async #pass(): Promise<void> {
    try {
      await Promise.resolve(); // work that is added in the same turn goes into the same messages
      for (let chunks = this.#cut(); chunks.length > 0; chunks = this.#cut()) await this.#send(chunks);
    } finally {
      // In the very turn in which nothing was left to cut: what is added from now on starts a pass of its own.
      this.#filling = false;
    }
  }

  #cut(): Chunk[] {
    const chunks: Chunk[] = [];
    const slots = Math.max(1, this.#deps.slots());
    const window = slots * (this.#deps.windowPerSlot ?? defaultWindowPerSlot);
    while (this.#sent.size < window) {
      const cut = this.#pool.cut((job, remaining) => {
        const estimate = this.#estimates.of(stepOf(job, job.firstStep).slug);
        return adviseChunkSize({ ...estimate, remaining, slots });
      });
      const whole = chunkOf(cut);
      if (whole === undefined) break;
      for (const chunk of this.#free(whole)) {
        this.#sent.set(chunk.id, chunk);
        chunks.push(chunk);
      }
    }
    if (chunks.length > 0) this.#deps.noteOut?.(this.#sent.size);
    return chunks;
  }

  async #send(chunks: readonly Chunk[]): Promise<void> {
    const bodies: string[] = [];
    for (const chunk of chunks) {
      const body = await this.#write(chunk);
      if (body === undefined) continue;
      chunk.seenAt = this.#deps.clock.now();
      bodies.push(body);
    }
    this.#chunks += bodies.length;
    if (bodies.length > 0) await this.#deps.tasks.send(bodies);
  }

  /** The message, or nothing when an argument that all its calls share cannot travel: they have failed then. */
  async #write(chunk: Chunk): Promise<string | undefined> {
    try {
      return await this.#deps.write(chunk);
    } catch (error) {
      if (!(error instanceof UnsendableValueError)) throw error;
      this.#sent.delete(chunk.id);
      settleChunk(chunk, chunk.firstStep, { kind: "failed", error });
      this.finish(chunk);
      return undefined;
    }
  }
}
