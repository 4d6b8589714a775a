/** A slot in a child process, as its parent sees it: starts the process, and another one when a call has ended it. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CloudburstError } from "../base/errors.ts";
import type { CallSlot, LogTaker, SlotWork } from "./call-slot.ts";
import { type Ended, runInHalves } from "./run-in-halves.ts";
import { KeptValues } from "./kept-values.ts";
import type { HostMessage, HostRequest } from "./slot-host.ts";
import { slotHostArgument } from "./slot-host-argument.ts";
import type { SlotReply } from "./slot-protocol.ts";

export class ProcessSlot implements CallSlot {
  readonly #file: URL;
  /** What the process keeps; a new one has nothing. */
  readonly #kept = new KeptValues();
  #child: ChildProcess;
  #isDead = false;
  #closed = false;

  /** @param file the program that is a slot host when it is told so */
  constructor(file: URL) {
    this.#file = file;
    this.#child = this.#start();
  }

  /**
   * Runs a chunk to its end. When its process ends, the calls that did it are found by running halves of the chunk, and
   * they alone fail (I8): unlike those of a thread, other calls of the chunk may run more than once.
   */
  async run(work: SlotWork, signal: AbortSignal, log: LogTaker = () => undefined): Promise<SlotReply> {
    return await runInHalves(work, async (part) => {
      this.#checkOpen(signal);
      const ended = await this.#runOnce(part, signal, log);
      this.#checkOpen(signal);
      return ended;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (this.#isDead) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
  }

  /** A new process would be nobody's to end. */
  #checkOpen(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#closed) throw new CloudburstError("slot_closed", "the slot was closed");
  }

  #start(): ChildProcess {
    const child = fork(fileURLToPath(this.#file), [slotHostArgument], {
      execArgv: [], // what loads the driver's modules (such as tsx) is no business of the child's
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const died = (): void => {
      if (child === this.#child) this.#isDead = true;
    };
    child.on("error", died);
    child.on("exit", died);
    return child;
  }

  #request(work: SlotWork): HostRequest {
    if (this.#isDead) {
      this.#kept.clear();
      this.#child = this.#start();
      this.#isDead = false;
    }
    const facts = this.#kept.use(work.facts);
    const steps = work.steps.map((step) => ({ ...step, inputs: step.inputs.map((input) => this.#kept.use(input)) }));
    return { work: { ...work, facts, steps }, forget: this.#kept.takeSurplus() };
  }

  async #runOnce(work: SlotWork, signal: AbortSignal, log: LogTaker): Promise<Ended> {
    const request = this.#request(work);
    const child = this.#child;
    const listeners = new AbortController();
    signal.addEventListener("abort", () => child.kill("SIGKILL"), { signal: listeners.signal });
    try {
      return await new Promise<Ended>((resolve) => {
        const on = (event: string, listener: (...args: unknown[]) => void): void => {
          child.on(event, listener);
          listeners.signal.addEventListener("abort", () => child.off(event, listener));
        };
        const died = (reason: string): void => resolve({ kind: "died", what: "process", error: new Error(reason) });
        on("message", (sent) => {
          const message = sent as HostMessage; // only slot-host.ts sends here
          if (message.kind === "log") log(message.lines);
          else if (message.kind === "broken") died(message.message);
          else if (message.kind !== "journalled") resolve({ kind: "reply", reply: message });
        });
        on("error", (error) => died((error as Error).message)); // of the kind that Node itself makes
        on("exit", (code, by) =>
          died(typeof by === "string" ? `it was ended by ${by}` : `it exited with code ${code as number}`),
        );
        child.send(request, () => undefined); // one that cannot be sent has no reader any more: `exit` follows
      });
    } finally {
      listeners.abort();
    }
  }
}
