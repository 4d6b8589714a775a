/** A slot as the main thread sees it: starts its thread, hands it chunks, and starts another when the thread dies. */
import { Worker as Thread } from "node:worker_threads";
import { CloudburstError, toError } from "../base/errors.ts";
import { failedMark } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import { KeptValues } from "./kept-values.ts";
import type { Poisoned, SlotData, SlotReply, SlotRequest, SlotRun } from "./slot-protocol.ts";

/** Modules cannot be unloaded: a thread that has loaded so many flows makes room by making way for a new thread. */
const maxBundles = 8;

export interface SlotOptions {
  /** The worker's own file, which serves as a slot when it finds itself in a thread. */
  readonly file: URL;
  /** Heap limit of the thread in MiB; beyond it the call fails, not the worker. @default V8's own */
  readonly maxHeapMiB?: number | undefined;
}

export type SlotWork = Omit<SlotRun, "kind" | "poisoned">;

type Ended = { readonly kind: "reply"; readonly reply: SlotReply } | { readonly kind: "died"; readonly error: Error };

export class Slot {
  readonly #options: SlotOptions;
  readonly #progress = new Int32Array(new SharedArrayBuffer(8));
  /** What the thread keeps and has loaded; a new thread has nothing. */
  readonly #kept = new KeptValues();
  readonly #bundles = new Set<string>();
  #thread: Thread;
  #closed = false;

  constructor(options: SlotOptions) {
    this.#options = options;
    this.#thread = this.#start();
  }

  /**
   * Runs a chunk to its end. A call that ends the thread fails alone (I8): the chunk starts again without it. When the
   * signal aborts, the thread ends in the middle of its call, and the signal's reason is thrown.
   */
  async run(work: SlotWork, signal: AbortSignal): Promise<SlotReply> {
    const poisoned: Poisoned[] = [];
    for (;;) {
      await this.#makeRoomFor(work.bundle.sha256);
      signal.throwIfAborted();
      const steps = work.steps.map((step) => ({ ...step, inputs: step.inputs.map((input) => this.#kept.use(input)) }));
      const forgotten = this.#kept.takeSurplus();
      if (forgotten.length > 0) this.#thread.postMessage({ kind: "forget", keys: forgotten } satisfies SlotRequest);
      const ended = await this.#runOnce({ kind: "run", ...work, steps, poisoned }, signal);
      if (ended.kind === "reply") return ended.reply;
      if (this.#closed) throw ended.error;
      this.#renew();
      if (!signal.aborted) poisoned.push(this.#culprit(work, ended.error));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread.terminate();
  }

  async #makeRoomFor(bundle: string): Promise<void> {
    if (!this.#bundles.has(bundle) && this.#bundles.size >= maxBundles) {
      await this.#thread.terminate();
      this.#renew();
    }
    this.#bundles.add(bundle);
  }

  #renew(): void {
    this.#kept.clear();
    this.#bundles.clear();
    this.#thread = this.#start();
  }

  #start(): Thread {
    const data: SlotData = { progress: this.#progress };
    const limit = this.#options.maxHeapMiB;
    return new Thread(this.#options.file, {
      workerData: data,
      ...(limit !== undefined && { resourceLimits: { maxOldGenerationSizeMb: limit } }),
    });
  }

  async #runOnce(request: SlotRun, signal: AbortSignal): Promise<Ended> {
    const thread = this.#thread;
    const listeners = new AbortController();
    signal.addEventListener("abort", () => void thread.terminate(), { signal: listeners.signal });
    const ended = await new Promise<Ended>((resolve) => {
      const on = (event: string, listener: (argument: unknown) => void): void => {
        thread.on(event, listener);
        listeners.signal.addEventListener("abort", () => thread.off(event, listener));
      };
      on("message", (reply) => resolve({ kind: "reply", reply: reply as SlotReply })); // only slot-thread.ts posts here
      on("error", (error) => resolve({ kind: "died", error: toError(error) }));
      on("exit", (code) => resolve({ kind: "died", error: exitError(Number(code)) }));
      thread.postMessage(request satisfies SlotRequest);
    });
    listeners.abort();
    if (ended.kind === "died") thread.on("error", () => undefined); // the same death may be told twice
    return ended;
  }

  #culprit(work: SlotWork, error: Error): Poisoned {
    const step = this.#progress[0] ?? 0;
    const position = this.#progress[1] ?? 0;
    const task = work.steps[step]?.task ?? "";
    const name = work.range === null ? task : `${task}[${String(work.range.start + position)}]`;
    const failure = new CloudburstError("slot_lost", `task ${name} ended its thread: ${reasonOf(error)}`, {
      cause: error,
    });
    return { step, position, line: `${failedMark}${encodeValue(failure, "the error")}` };
  }
}

function exitError(code: number): Error {
  return new Error(`it exited with code ${String(code)} (process.exit in a task?)`);
}

function reasonOf(error: Error): string {
  const code: unknown = Reflect.get(error, "code");
  if (code !== "ERR_WORKER_OUT_OF_MEMORY") return error.message;
  return "it ran out of memory (give the worker more memory, or fewer threadsPerWorker)";
}
