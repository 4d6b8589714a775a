/** A slot as the main thread sees it: starts its thread, hands it chunks, and starts another when the thread dies. */
import { Worker as Thread } from "node:worker_threads";
import { CloudburstError, toError } from "../base/errors.ts";
import { encodeValue } from "../wire/values.ts";
import type { CallSlot, LogTaker, SlotWork } from "./call-slot.ts";
import { KeptValues } from "./kept-values.ts";
import { type Death, KnownLines } from "./known-lines.ts";
import { watchDeadline } from "./deadline.ts";
import { type Journalled, SlotMemory } from "./slot-memory.ts";
import type { SlotData, SlotMessage, SlotReply, SlotRequest, SlotRun } from "./slot-protocol.ts";

/** Modules cannot be unloaded: a thread that has loaded so many flows makes room by making way for a new thread. */
const maxBundles = 8;
/** Threads that may die on a chunk before its first call: its bundle is what ends them, more likely than an accident. */
const maxFalseStarts = 3;

export interface SlotOptions {
  /** The program's own file, which serves as a slot when it finds itself in a thread. */
  readonly file: URL;
  /** Heap limit of the thread in MiB; beyond it the call fails, not the worker. @default V8's own */
  readonly maxHeapMiB?: number | undefined;
}

type Ended = { readonly kind: "reply"; readonly reply: SlotReply } | Death;

/** Who hears of a run while it goes on. */
interface RunListener {
  readonly log: LogTaker;
  readonly journalled: (journalled: Journalled) => void;
}

export class Slot implements CallSlot {
  readonly #options: SlotOptions;
  readonly #memory = new SlotMemory();
  /** What the thread keeps and has loaded; a new thread has nothing. */
  readonly #kept = new KeptValues();
  readonly #bundles = new Set<string>();
  #thread: Thread;
  #isDead = false;
  #closed = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#thread = this.#start();
  }

  /**
   * Runs a chunk to its end. A call that ends the thread, or takes longer than its timeout, fails alone (I8): a new thread
   * goes on without it, and without those that had ended. When the signal aborts, the thread ends in the middle of its
   * call, and the signal's reason is thrown.
   */
  async run(work: SlotWork, signal: AbortSignal, log: LogTaker = () => undefined): Promise<SlotReply> {
    const known = new KnownLines(work);
    const listener: RunListener = { log, journalled: (journalled) => known.add(journalled) };
    let lostMs = 0;
    for (let falseStarts = 0; ;) {
      signal.throwIfAborted();
      if (this.#closed) throw closedError(); // a new thread would be nobody's to end
      await this.#prepareFor(work.bundle.sha256);
      signal.throwIfAborted();
      const startedMs = performance.now();
      const ended = await this.#runOnce(
        { kind: "run", ...this.#travelling(work), known: known.lines },
        signal,
        listener,
      );
      if (ended.kind === "reply") return withLost(ended.reply, lostMs);
      if (this.#closed) throw ended.kind === "died" ? ended.error : closedError();
      lostMs += performance.now() - startedMs;
      known.add(this.#memory.journalled);
      const call = this.#memory.current;
      if (call !== undefined) known.blame(ended.kind === "overdue" ? ended.call : call, ended);
      else if (ended.kind === "died" && (falseStarts += 1) >= maxFalseStarts) return unusable(ended.error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread.terminate();
  }

  async #prepareFor(bundle: string): Promise<void> {
    if (this.#isDead) this.#renew();
    if (!this.#bundles.has(bundle) && this.#bundles.size >= maxBundles) {
      await this.#thread.terminate();
      this.#renew();
    }
    this.#bundles.add(bundle);
  }

  /** The work without the values that the thread keeps already; those that it need not keep any more are forgotten. */
  #travelling(work: SlotWork): SlotWork {
    const facts = this.#kept.use(work.facts);
    const steps = work.steps.map((step) => ({ ...step, inputs: step.inputs.map((input) => this.#kept.use(input)) }));
    const forgotten = this.#kept.takeSurplus();
    if (forgotten.length > 0) this.#thread.postMessage({ kind: "forget", keys: forgotten } satisfies SlotRequest);
    return { ...work, facts, steps };
  }

  #renew(): void {
    this.#kept.clear();
    this.#bundles.clear();
    this.#thread = this.#start();
    this.#isDead = false;
  }

  #start(): Thread {
    const data: SlotData = { memory: this.#memory.shared };
    const limit = this.#options.maxHeapMiB;
    const thread = new Thread(this.#options.file, {
      workerData: data,
      execArgv: [], // what loads the driver's modules (such as tsx) is no business of the thread's
      ...(limit !== undefined && { resourceLimits: { maxOldGenerationSizeMb: limit } }),
    });
    // It may die between two chunks as well, of what a call has left behind: the next chunk gets a new one.
    thread.on("error", () => undefined);
    thread.on("exit", () => {
      if (thread === this.#thread) this.#isDead = true;
    });
    return thread;
  }

  async #runOnce(request: SlotRun, signal: AbortSignal, { log, journalled }: RunListener): Promise<Ended> {
    const thread = this.#thread;
    const memory = this.#memory;
    memory.reset();
    const listeners = new AbortController();
    signal.addEventListener("abort", () => void thread.terminate(), { signal: listeners.signal });
    const ended = await new Promise<Ended>((resolve) => {
      let death: Death | undefined;
      const on = (event: string, listener: (argument: unknown) => void): void => {
        thread.on(event, listener);
        listeners.signal.addEventListener("abort", () => thread.off(event, listener));
      };
      on("message", (posted) => {
        const message = posted as SlotMessage; // only slot-thread.ts posts here
        if (message.kind === "log") log(message.lines);
        else if (message.kind === "journalled") journalled(message);
        else resolve({ kind: "reply", reply: message });
      });
      on("error", (error) => (death ??= { kind: "died", error: toError(error) }));
      // Not before: what the thread said last is heard by then.
      on("exit", (code) => resolve(death ?? { kind: "died", error: exitError(Number(code)) }));
      const overdue = (call: number): void => {
        death = { kind: "overdue", call };
        void thread.terminate();
      };
      const timeouts = request.steps.flatMap(({ timeoutMs }) => timeoutMs ?? []);
      if (timeouts.length > 0) watchDeadline(memory, Math.min(...timeouts), overdue, listeners.signal);
      thread.postMessage(request satisfies SlotRequest);
    });
    listeners.abort();
    return ended;
  }
}

function closedError(): Error {
  return new CloudburstError("slot_closed", "the slot was closed");
}

function withLost(reply: SlotReply, lostMs: number): SlotReply {
  return reply.kind === "done" ? { ...reply, busyMs: reply.busyMs + lostMs } : reply;
}

function unusable(error: Error): SlotReply {
  const failure = new CloudburstError(
    "slot_lost",
    `the flow's module ends its thread before a task is called: ${error.message}`,
    { cause: error },
  );
  return { kind: "unusable", line: encodeValue(failure, "the error") };
}

function exitError(code: number): Error {
  return new Error(`it exited with code ${String(code)} (process.exit in a task?)`);
}
