/**
 * The Fargate executor's dispatcher, store and worker code in this process, without processes, threads or HTTP: chunks
 * are run in any order, delivered twice, and lost, as chance has it.
 */
import { systemClock } from "../../src/base/clock.ts";
import { bringPacks } from "../../src/executors/bring-packs.ts";
import { mapTo, submitTo, type WorkDesk } from "../../src/executors/calls-as-work.ts";
import type { Chunk, Work } from "../../src/executors/chunk.ts";
import { createChunkWriter } from "../../src/executors/chunk-writer.ts";
import { Dispatcher } from "../../src/executors/dispatcher.ts";
import type {
  Call,
  CallBatch,
  Executor,
  ExecutorRun,
  Outcome,
  RunContext,
  Settled,
} from "../../src/executors/executor.ts";
import { PackReader } from "../../src/executors/pack-results.ts";
import { handleSuspect } from "../../src/executors/suspects.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { runSteps } from "../../src/slots/run-steps.ts";
import { SlotMemory } from "../../src/slots/slot-memory.ts";
import { countCalls } from "../../src/wire/call-ranges.ts";
import { decodeChunkMessage } from "../../src/wire/chunk-message.ts";
import type { Notice } from "../../src/wire/notice.ts";
import { toWireFacts } from "../../src/wire/run-facts.ts";
import { runChunk } from "../../src/worker/chunk-runner.ts";
import { InputReader } from "../../src/slots/stored-inputs.ts";
import { MemoryStore } from "../worker/memory-store.ts";

interface Message {
  readonly body: string;
  deliveries: number;
}

export class PackingExecutor implements Executor {
  readonly fuses = true;
  readonly store = new MemoryStore();
  /** The chunks that were sent, as they were named. */
  readonly sent: string[] = [];
  splits = 0;
  readonly #random: () => number;
  readonly #desk: WorkDesk = { reader: new PackReader(this.store), add: (work) => this.#add(work) };
  readonly #inputs = new InputReader(this.store);
  readonly #kept = new Map<string, unknown>();
  readonly #waiting: Message[] = [];
  #tasks: RunContext["tasks"] = [];
  #dispatcher: Dispatcher | undefined;
  #working = false;
  #failure: unknown;

  constructor(random: () => number) {
    this.#random = random;
  }

  start(run: RunContext): Promise<ExecutorRun> {
    const { runId } = run;
    const facts = toWireFacts(run.facts);
    this.#tasks = run.tasks;
    this.#dispatcher = new Dispatcher({
      runId,
      tasks: this.#queue(),
      store: this.store,
      write: createChunkWriter({ runId, facts, store: this.store, bundle: "0".repeat(64), notices: "notices" }),
      slots: () => 2,
      clock: systemClock,
      fail: (error) => this.#fail(error),
    });
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        this.#dispatcher?.abort(new Error("the run has ended"));
        if (this.#failure !== undefined) throw this.#failure as Error;
        return Promise.resolve();
      },
    });
  }

  async submit(call: Call): Promise<Outcome> {
    return await submitTo(this.#desk, call);
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await mapTo(this.#desk, batch, settle);
  }

  async wait(values: readonly unknown[]): Promise<readonly unknown[]> {
    return await bringPacks(values);
  }

  #add(work: Work): void {
    if (this.#failure === undefined) this.#dispatcher?.add(work);
    else work.reject(this.#failure);
  }

  #queue(): Queue {
    const none = (): never => {
      throw new Error("the dispatcher only sends");
    };
    const send = (bodies: readonly string[]): Promise<void> => {
      this.#waiting.push(...bodies.map((body) => ({ body, deliveries: 0 })));
      void this.#work().catch((error: unknown) => this.#fail(error));
      return Promise.resolve();
    };
    return { url: "", send, receive: none, ack: none, extend: none, depth: none };
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#dispatcher?.abort(error);
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (this.#waiting.length > 0) {
      const [message] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1);
      if (message !== undefined) await this.#deliver(message);
    }
    this.#working = false;
  }

  /** A worker may be lost before it commits or before it tells; one call alone survives it, lest it fails. */
  async #deliver(message: Message): Promise<void> {
    const chunk = decodeChunkMessage(message.body);
    message.deliveries += 1;
    if (message.deliveries === 1) this.sent.push(chunk.chunk);
    const many = countCalls(chunk.ranges) > 1;
    const chance = many ? this.#random() : 1;
    if (chance < 0.4) this.#waiting.push(message);
    if (chance < 0.3) return;
    const told: Notice[] = [];
    await runChunk(chunk, many ? message.deliveries : 1, {
      workerId: "w",
      store: this.store,
      bundles: { file: () => Promise.resolve("no file"), [Symbol.asyncDispose]: () => Promise.resolve() },
      inputs: this.#inputs,
      run: (work) =>
        runSteps({ kind: "run", ...work, known: [] }, { task: (name) => this.#task(name) }, this.#kept, world),
      print: () => undefined,
      tell: (_queue, notice) => Promise.resolve(void told.push(notice)),
      takeRequests: () => ({}),
    });
    if (chance >= 0.35) for (const notice of told) await this.#hear(notice, chunk.runId);
  }

  async #hear(notice: Notice, runId: string): Promise<void> {
    const dispatcher = this.#dispatcher;
    if (dispatcher === undefined) return;
    if (notice.kind === "committed") await dispatcher.committed(notice);
    if (notice.kind === "failed") throw new Error(notice.error);
    if (notice.kind !== "suspect") return;
    const chunk: Chunk | undefined = dispatcher.find(notice.chunk);
    if (chunk === undefined) return;
    this.splits += 1;
    await handleSuspect(chunk, notice.deliveries, { runId, store: this.store, dispatcher, lastLoss: () => "chance" });
  }

  #task(name: string): RunContext["tasks"][number] {
    const found = this.#tasks.find((task) => task.name === name);
    if (found === undefined) throw new Error(`no task ${name}`);
    return found;
  }
}

const world = { clock: systemClock, memory: new SlotMemory(), log: () => undefined, send: () => undefined };
