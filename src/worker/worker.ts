/**
 * The loop in the container: receive, hold the lease, run, commit, tell, delete.
 *
 *  W4 A message is deleted only after its chunk has been committed and told (I1).
 *  W5 It receives only as many messages as it has free slots, plus a prefetch while chunks are short.
 *  W6 `drain` receives no more, gives back what has not begun, waits for what has, within its time.
 */
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import type { Queue, QueueMessage } from "../queue/queue.ts";
import { QueueDoesNotExist } from "../queue/queue-error.ts";
import { type ChunkMessage, decodeChunkMessage } from "../wire/chunk-message.ts";
import { createBatcher } from "./batcher.ts";
import { type ChunkRunnerDeps, runChunk } from "./chunk-runner.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { Slot } from "./slot.ts";

/** Below this a chunk is so short that a slot would idle noticeably while the next one is fetched. */
const shortChunkMs = 500;
/** A message that could not be run for want of its inputs or the store comes back after this time. */
const retryDelayMs = 2_000;
const sqsBatch = 10;

export interface WorkerDeps extends ChunkRunnerDeps {
  readonly tasks: Queue;
  readonly slots: readonly Slot[];
  readonly leases: LeaseKeeper;
  readonly clock: Clock;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Why the worker left: it was told to, or its queue is gone. */
export type LeaveReason = "drained" | "queue-gone";

export class BurstWorker {
  readonly #deps: WorkerDeps;
  readonly #freeSlots: Slot[];
  readonly #waiting: QueueMessage[] = [];
  readonly #acks;
  readonly #stopping = new AbortController();
  #running = 0;
  #lastChunkMs = Number.POSITIVE_INFINITY;
  #changed: () => void = () => undefined;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#freeSlots = [...deps.slots];
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
      for (const message of received) {
        this.#deps.leases.hold(message.receipt);
        this.#waiting.push(message);
      }
      this.#assign();
    }
    return "drained";
  }

  /** W6. Coalesced: a second call waits for the first. Rejects never; what is left after `withinMs` comes back by its lease. */
  async drain(withinMs: number): Promise<void> {
    this.#stopping.abort();
    this.#changed();
    await Promise.all(this.#waiting.splice(0).map((message) => this.#giveBack(message, 0)));
    const deadline = this.#deps.clock.now() + withinMs;
    while (this.#running > 0 && this.#deps.clock.now() < deadline) {
      await Promise.race([new Promise<void>((resolve) => (this.#changed = resolve)), this.#deps.clock.sleep(100)]);
    }
    await this.#acks.idle();
  }

  #room(): number {
    const prefetch = this.#lastChunkMs < shortChunkMs ? this.#deps.slots.length : 0;
    return Math.min(sqsBatch, this.#deps.slots.length + prefetch - this.#running - this.#waiting.length);
  }

  async #receive(max: number): Promise<readonly QueueMessage[] | "queue-gone"> {
    try {
      return await this.#deps.tasks.receive(max, { signal: this.#stopping.signal });
    } catch (error) {
      if (this.#stopping.signal.aborted) return [];
      if (error instanceof QueueDoesNotExist) return "queue-gone";
      this.#deps.log("receive failed", { error: toError(error).message });
      await this.#deps.clock.sleep(retryDelayMs, this.#stopping.signal).catch(() => undefined); // ends by drain only
      return [];
    }
  }

  #assign(): void {
    while (this.#waiting.length > 0 && this.#freeSlots.length > 0) {
      const message = this.#waiting.shift();
      const slot = this.#freeSlots.pop();
      if (message === undefined || slot === undefined) return;
      this.#running += 1;
      void this.#process(message, slot).finally(() => {
        this.#running -= 1;
        this.#freeSlots.push(slot);
        if (!this.#stopping.signal.aborted) this.#assign();
        this.#changed();
      });
    }
  }

  async #process(message: QueueMessage, slot: Slot): Promise<void> {
    const startedAt = this.#deps.clock.now();
    const chunk = this.#decode(message);
    if (chunk === undefined) return;
    try {
      await runChunk(chunk, message.deliveries, slot, this.#deps);
      this.#deps.leases.release(message.receipt);
      // The slot is free for the next chunk while the deletion is under way.
      void this.#acks.add(message.receipt).catch((error: unknown) => this.#logLost("delete failed", error));
    } catch (error) {
      this.#logLost("chunk could not be run", error);
      await this.#giveBack(message, retryDelayMs);
    }
    this.#lastChunkMs = this.#deps.clock.now() - startedAt;
  }

  /** Another version's message is not ours to run: it is left to lapse for a worker that understands it. */
  #decode(message: QueueMessage): ChunkMessage | undefined {
    try {
      return decodeChunkMessage(message.body);
    } catch (error) {
      this.#logLost("message is unreadable", error);
      this.#deps.leases.release(message.receipt);
      return undefined;
    }
  }

  async #giveBack(message: QueueMessage, delayMs: number): Promise<void> {
    this.#deps.leases.release(message.receipt);
    try {
      const chunk = decodeChunkMessage(message.body);
      const about = { v: 1, runId: chunk.runId, worker: this.#deps.workerId, chunk: chunk.chunk } as const;
      await this.#deps.tell(chunk.notices, { ...about, kind: "released" });
      await this.#deps.tasks.extend([message.receipt], delayMs);
    } catch (error) {
      this.#logLost("giving back failed", error); // the lease lapses by itself
    }
  }

  #logLost(what: string, error: unknown): void {
    this.#deps.log(what, { error: toError(error).message });
  }
}
