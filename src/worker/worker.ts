/**
 * The loop in the container: receive, hold the lease, run, commit, tell, delete.
 *
 *  W4 A message is deleted only after its chunk has been committed and told (I1), or when its run wants it no more (W7).
 *  W5 It receives only as many messages as it has slots to run them, plus a prefetch while chunks are short. A slot is
 *     free for the next chunk as soon as its calls have ended: committing goes on beside. What was fetched beforehand and
 *     stands behind a long chunk goes back, to a worker that has a free slot.
 *  W6 `drain` receives no more, gives back what has not begun, and waits for what has, within its time. `dismiss` takes
 *     all the time that the calls need: nobody waits for the worker. A poll is broken off only where time is up: SQS goes on
 *     answering it, and what it answers comes again only when its lease lapses.
 *  W7 A chunk whose run has ended is dropped, so that it holds up no other run. One whose driver is silent is dropped too,
 *     but told: a driver that comes back sends it anew.
 */
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import type { Queue, QueueMessage } from "../queue/queue.ts";
import { QueueDoesNotExist } from "../queue/queue-error.ts";
import { type ChunkMessage, decodeChunkMessage } from "../wire/chunk-message.ts";
import { createBatcher } from "./batcher.ts";
import { type ChunkRunnerDeps, runChunk } from "./chunk-runner.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { RunPace, Runs, Unwanted } from "./runs.ts";
import { NoSlotError, type SlotPool } from "../slots/slot-pool.ts";

/** Below this a chunk is so short that a slot would idle noticeably while the next one is fetched. */
const shortChunkMs = 500;
/** A message that could not be run for want of its inputs or the store comes back after this time. */
const retryDelayMs = 2_000;
const sqsBatch = 10;

export interface WorkerDeps extends Omit<ChunkRunnerDeps, "run"> {
  readonly tasks: Queue;
  readonly slots: SlotPool;
  readonly leases: LeaseKeeper;
  readonly runs: Runs;
  /** Told when the first chunk is taken, and when the last one in hand is done with. */
  readonly activity: { busy(): void; idle(): void };
  readonly clock: Clock;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Why the worker left: it was told to, or its queue is gone. */
export type LeaveReason = "drained" | "queue-gone";

export class BurstWorker {
  readonly #deps: WorkerDeps;
  readonly #acks;
  readonly #stopping = new AbortController();
  readonly #hurrying = new AbortController();
  #pollMs: number | undefined;
  #running: Promise<LeaveReason> | undefined;
  /** Chunks whose calls have not ended; they or their inputs take up slots. */
  #unfinished = 0;
  readonly #inHand = new Set<Promise<void>>();
  /** Of the runs whose chunks are being run; when there are none, of the one that was last. */
  readonly #paces = new Map<object, RunPace>();
  #lastPace: RunPace = { lastChunkMs: Number.POSITIVE_INFINITY };
  #changed: () => void = () => undefined;

  /** @param pollMs as `pollFor` takes it */
  constructor(deps: WorkerDeps, pollMs?: number) {
    this.#deps = deps;
    this.#pollMs = pollMs;
    this.#acks = createBatcher<string>((receipts) => deps.tasks.ack(receipts), sqsBatch);
  }

  /** Works until the queue is gone, or until `dismiss` or `drain` is called and all in hand has ended. */
  run(): Promise<LeaveReason> {
    return (this.#running ??= this.#work());
  }

  async #work(): Promise<LeaveReason> {
    while (!this.#stopping.signal.aborted) {
      const room = this.#room();
      if (room <= 0) {
        await new Promise<void>((resolve) => (this.#changed = resolve));
        continue;
      }
      const received = await this.#receive(room);
      if (received === "queue-gone") return received;
      for (const message of received) this.#take(message);
    }
    await this.#allDone();
    return "drained";
  }

  /** How long one poll waits for a message, in ms, and so a worker that is dismissed while it has none. @default the queue's bound */
  pollFor(ms: number | undefined): void {
    this.#pollMs = ms;
  }

  /** W6. The worker is too many: `run` resolves when what it has in hand has ended. */
  dismiss(): void {
    this.#stopping.abort();
    this.#deps.slots.leave();
    this.#changed();
  }

  /** W6. Never rejects: what is left after `withinMs` comes back by its lease. */
  async drain(withinMs: number): Promise<void> {
    this.dismiss();
    if (withinMs === 0) this.breakOff();
    const timeUp = new AbortController();
    const ended = Promise.all([this.#running, this.#allDone()]);
    await Promise.race([ended, this.#deps.clock.sleep(withinMs, timeUp.signal).catch(() => undefined)]);
    timeUp.abort();
    this.breakOff();
  }

  /** Ends the poll that waits, at the risk of what it would bring. */
  breakOff(): void {
    this.#hurrying.abort();
  }

  async #allDone(): Promise<void> {
    await Promise.all(this.#inHand);
    await this.#acks.idle();
  }

  #room(): number {
    const paces = this.#paces.size === 0 ? [this.#lastPace] : [...this.#paces.values()];
    const short = paces.every(({ lastChunkMs }) => lastChunkMs < shortChunkMs);
    return Math.min(sqsBatch, this.#deps.slots.size * (short ? 2 : 1) - this.#unfinished);
  }

  async #receive(max: number): Promise<readonly QueueMessage[] | "queue-gone"> {
    try {
      return await this.#deps.tasks.receive(max, { signal: this.#hurrying.signal, waitMs: this.#pollMs });
    } catch (error) {
      if (this.#stopping.signal.aborted) return [];
      if (error instanceof QueueDoesNotExist) return "queue-gone";
      this.#log("receive failed", error);
      await this.#deps.clock.sleep(retryDelayMs, this.#stopping.signal).catch(() => undefined); // ends by drain only
      return [];
    }
  }

  #take(message: QueueMessage): void {
    const chunk = this.#decode(message);
    if (chunk === undefined) return;
    if (this.#inHand.size === 0) this.#deps.activity.busy();
    const processing = this.#process(message, chunk).finally(() => {
      this.#inHand.delete(processing);
      if (this.#inHand.size === 0) this.#deps.activity.idle();
    });
    this.#inHand.add(processing);
  }

  async #process(message: QueueMessage, chunk: ChunkMessage): Promise<void> {
    this.#deps.leases.hold(message.receipt);
    this.#unfinished += 1;
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      this.#unfinished -= 1;
      this.#changed();
    };
    try {
      await this.#serve(chunk, message.deliveries, finish);
      this.#deps.leases.release(message.receipt);
      await this.#acks.add(message.receipt).catch((error: unknown) => this.#log("delete failed", error));
    } catch (error) {
      if (!(error instanceof NoSlotError)) this.#log("chunk could not be run", error);
      await this.#giveBack(message, chunk, error instanceof NoSlotError ? 0 : retryDelayMs);
    } finally {
      finish();
    }
  }

  /** Runs the chunk, or drops it (W7). @param finish its calls have ended: their slot is free */
  async #serve(chunk: ChunkMessage, deliveries: number, finish: () => void): Promise<void> {
    const entered = await this.#deps.runs.enter(chunk);
    if (typeof entered === "string") {
      await this.#drop(chunk, deliveries, entered);
      return;
    }
    using visit = entered;
    const { pace, signal } = visit;
    this.#paces.set(visit, pace);
    const run: ChunkRunnerDeps["run"] = async (work, log) => {
      const reply = await this.#deps.slots.run(work, signal, log);
      if (reply.kind === "done") pace.lastChunkMs = reply.busyMs;
      finish();
      return reply;
    };
    try {
      await runChunk(chunk, deliveries, { ...this.#deps, run });
    } catch (error) {
      if (error instanceof NoSlotError) pace.lastChunkMs = Number.POSITIVE_INFINITY; // no prefetch before a chunk has ended
      // Nobody reads what is told any more: the run has ended and cleared away.
      const unwanted = error instanceof QueueDoesNotExist ? "ended" : visit.unwanted;
      if (unwanted === undefined) throw error;
      await this.#drop(chunk, deliveries, unwanted);
    } finally {
      this.#paces.delete(visit);
      this.#lastPace = pace;
    }
  }

  async #drop(chunk: ChunkMessage, deliveries: number, why: Unwanted): Promise<void> {
    this.#deps.log("chunk dropped", { run: chunk.runId, chunk: chunk.chunk, why });
    if (why === "ended") return;
    const about = { v: 1, runId: chunk.runId, worker: this.#deps.workerId, chunk: chunk.chunk } as const;
    await this.#deps.tell(chunk.notices, { ...about, kind: "suspect", deliveries }).catch((error: unknown) => {
      this.#log("telling failed", error); // the driver looks for silent chunks by itself as well
    });
  }

  /** Another version's message is not ours to run: it is left to lapse for a worker that understands it. */
  #decode(message: QueueMessage): ChunkMessage | undefined {
    try {
      return decodeChunkMessage(message.body);
    } catch (error) {
      this.#log("message is unreadable", error);
      return undefined;
    }
  }

  async #giveBack(message: QueueMessage, chunk: ChunkMessage, delayMs: number): Promise<void> {
    const { leases, tasks, workerId, tell } = this.#deps;
    leases.release(message.receipt);
    const about = { v: 1, runId: chunk.runId, worker: workerId, chunk: chunk.chunk } as const;
    try {
      // First, so that the next delivery is not counted as one after a loss. A run that has ended counts no more.
      await tell(chunk.notices, { ...about, kind: "released" }).catch(ignoreMissingQueue);
      await tasks.extend([message.receipt], delayMs);
    } catch (error) {
      this.#log("giving back failed", error); // the lease lapses by itself
    }
  }

  #log(what: string, error: unknown): void {
    this.#deps.log(what, { error: toError(error).message });
  }
}

function ignoreMissingQueue(error: unknown): void {
  if (!(error instanceof QueueDoesNotExist)) throw error;
}
