/**
 * The loop in the container: receive, hold the lease, run, commit, tell, delete.
 *
 *  W4 A message is deleted only after its chunk has been committed and told (I1).
 *  W5 It receives only as many messages as it has slots to run them, plus a prefetch while chunks are short. A slot is
 *     free for the next chunk as soon as its calls have ended: committing goes on beside.
 *  W6 `drain` receives no more, gives back what has not begun, and waits for what has, within its time.
 */
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import type { Queue, QueueMessage } from "../queue/queue.ts";
import { QueueDoesNotExist } from "../queue/queue-error.ts";
import { type ChunkMessage, decodeChunkMessage } from "../wire/chunk-message.ts";
import { createBatcher } from "./batcher.ts";
import { type ChunkRunnerDeps, runChunk } from "./chunk-runner.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { NoMoreSlotsError, type SlotPool } from "./slot-pool.ts";

/** Below this a chunk is so short that a slot would idle noticeably while the next one is fetched. */
const shortChunkMs = 500;
/** A message that could not be run for want of its inputs or the store comes back after this time. */
const retryDelayMs = 2_000;
const sqsBatch = 10;

export interface WorkerDeps extends Omit<ChunkRunnerDeps, "run"> {
  readonly tasks: Queue;
  readonly slots: SlotPool;
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Why the worker left: it was told to, or its queue is gone. */
export type LeaveReason = "drained" | "queue-gone";

export class BurstWorker {
  readonly #deps: WorkerDeps;
  readonly #acks;
  readonly #stopping = new AbortController();
  /** Chunks whose calls have not ended; they or their inputs take up slots. */
  #unfinished = 0;
  readonly #inHand = new Set<Promise<void>>();
  #lastChunkMs = Number.POSITIVE_INFINITY;
  #changed: () => void = () => undefined;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#acks = createBatcher<string>((receipts) => deps.tasks.ack(receipts), sqsBatch);
  }

  /** Works until `drain` is called or the queue is gone. */
  async run(): Promise<LeaveReason> {
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
    return "drained";
  }

  /** W6. Never rejects: what is left after `withinMs` comes back by its lease. */
  async drain(withinMs: number): Promise<void> {
    this.#stopping.abort();
    this.#deps.slots.leave();
    this.#changed();
    const timeUp = new AbortController();
    const allDone = Promise.all(this.#inHand).then(() => this.#acks.idle());
    await Promise.race([allDone, this.#deps.clock.sleep(withinMs, timeUp.signal).catch(() => undefined)]);
    timeUp.abort();
  }

  #room(): number {
    const prefetch = this.#lastChunkMs < shortChunkMs ? this.#deps.slots.size : 0;
    return Math.min(sqsBatch, this.#deps.slots.size + prefetch - this.#unfinished);
  }

  async #receive(max: number): Promise<readonly QueueMessage[] | "queue-gone"> {
    try {
      return await this.#deps.tasks.receive(max, { signal: this.#stopping.signal });
    } catch (error) {
      if (this.#stopping.signal.aborted) return [];
      if (error instanceof QueueDoesNotExist) return "queue-gone";
      this.#log("receive failed", error);
      await this.#deps.clock.sleep(retryDelayMs, this.#stopping.signal).catch(() => undefined); // ends by drain only
      return [];
    }
  }

  #take(message: QueueMessage): void {
    const processing = this.#process(message).finally(() => this.#inHand.delete(processing));
    this.#inHand.add(processing);
  }

  async #process(message: QueueMessage): Promise<void> {
    const chunk = this.#decode(message);
    if (chunk === undefined) return;
    this.#deps.leases.hold(message.receipt);
    this.#unfinished += 1;
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      this.#unfinished -= 1;
      this.#changed();
    };
    const run: ChunkRunnerDeps["run"] = async (work) => {
      const reply = await this.#deps.slots.run(work);
      if (reply.kind === "done") this.#lastChunkMs = reply.busyMs;
      finish();
      return reply;
    };
    try {
      await runChunk(chunk, message.deliveries, { ...this.#deps, run });
      this.#deps.leases.release(message.receipt);
      await this.#acks.add(message.receipt).catch((error: unknown) => this.#log("delete failed", error));
    } catch (error) {
      if (!(error instanceof NoMoreSlotsError)) this.#log("chunk could not be run", error);
      await this.#giveBack(message, chunk, error instanceof NoMoreSlotsError ? 0 : retryDelayMs);
    } finally {
      finish();
    }
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
    this.#deps.leases.release(message.receipt);
    try {
      const about = { v: 1, runId: chunk.runId, worker: this.#deps.workerId, chunk: chunk.chunk } as const;
      await this.#deps.tell(chunk.notices, { ...about, kind: "released" });
      await this.#deps.tasks.extend([message.receipt], delayMs);
    } catch (error) {
      this.#log("giving back failed", error); // the lease lapses by itself
    }
  }

  #log(what: string, error: unknown): void {
    this.#deps.log(what, { error: toError(error).message });
  }
}
