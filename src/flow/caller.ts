/**
 * The one way in which bodies are called, in every executor.
 *
 * - K1 A body sees its own call as `context`, and so does whatever it starts, however late.
 * - K2 SUCCESS becomes the value; LOOP runs the body again at once, in a loop and not by recursion. Every other signal is
 *   the failure's error, as it was thrown.
 * - K3 Once a turn's timeout has passed the call has timed out, whatever its body returns or throws afterwards.
 * - K4 A body that returns no promise costs none: at a million calls promises would take longer than the calls.
 */
import { toError } from "../base/errors.ts";
import { TimeoutError } from "../base/timeout-error.ts";
import type { Failure, Outcome } from "../executors/executor.ts";
import { capturePrints } from "./capture-prints.ts";
import { type CallSubject, type CallWorld, CurrentCall, type CurrentCalls, currentCalls } from "./current-call.ts";
import { finalStateOf } from "./final-state-name.ts";
import { isSignal } from "./signals.ts";

export interface CallerParts {
  readonly task: { readonly run: (...args: never[]) => unknown };
  /** Arguments of call `index`; 0 for the one call of a plain task. What it throws is the call's failure. */
  readonly argumentsAt: (index: number) => readonly unknown[];
  readonly subject: CallSubject;
  readonly world: CallWorld;
}

/** How a turn ended: the call with it, or by the wish for another turn. */
type TurnEnd = Outcome | CurrentCall;

/** Calls one body again and again: the calls of one step in one batch. */
export class Caller {
  readonly #parts: CallerParts;
  readonly #calls: CurrentCalls = currentCalls();
  readonly #narrates: boolean;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    this.#narrates = parts.subject.run.runnerLogLevel !== "off";
    if (parts.subject.logStdout) capturePrints();
  }

  /** Never throws or rejects. `index` is undefined for the one call of a plain task. */
  run(index: number | undefined): Outcome | Promise<Outcome> {
    const { argumentsAt, subject, world } = this.#parts;
    let args: readonly unknown[];
    try {
      args = argumentsAt(index ?? 0);
    } catch (thrown) {
      return failed(thrown);
    }
    const call = new CurrentCall(subject, world, index);
    return this.#narrates ? this.#narrated(call, args) : this.#run(call, args);
  }

  #run(call: CurrentCall, args: readonly unknown[]): Outcome | Promise<Outcome> {
    let ended = this.#turn(call, args);
    while (ended instanceof CurrentCall) ended = this.#turn(ended, args);
    return ended instanceof Promise ? this.#finish(ended, args) : ended;
  }

  async #finish(pending: Promise<TurnEnd>, args: readonly unknown[]): Promise<Outcome> {
    let ended = await pending;
    while (ended instanceof CurrentCall) ended = await this.#turn(ended, args);
    return ended;
  }

  #turn(call: CurrentCall, args: readonly unknown[]): TurnEnd | Promise<TurnEnd> {
    const { task, subject, world } = this.#parts;
    const { timeoutMs } = subject;
    const startedMs = timeoutMs === undefined ? 0 : world.clock.now();
    if (timeoutMs !== undefined) world.onTimed?.(timeoutMs);
    try {
      const returned: unknown = this.#calls.run(call, Reflect.apply, task.run, task, args);
      if (isThenable(returned)) return this.#later(call, returned, startedMs);
      return this.#returned(call, returned, startedMs);
    } catch (thrown) {
      return this.#threw(call, thrown, startedMs);
    }
  }

  async #later(call: CurrentCall, returned: PromiseLike<unknown>, startedMs: number): Promise<TurnEnd> {
    const { timeoutMs } = this.#parts.subject;
    try {
      const value = await (timeoutMs === undefined ? returned : this.#inTime(call, returned, startedMs + timeoutMs));
      return this.#returned(call, value, startedMs);
    } catch (thrown) {
      return this.#threw(call, thrown, startedMs);
    }
  }

  #returned(call: CurrentCall, value: unknown, startedMs: number): Outcome {
    call.end();
    return this.#isOverdue(startedMs) ? failed(new TimeoutError()) : { kind: "success", value };
  }

  #threw(call: CurrentCall, thrown: unknown, startedMs: number): TurnEnd {
    call.end();
    if (this.#isOverdue(startedMs)) return failed(new TimeoutError());
    if (!isSignal(thrown)) return failed(thrown);
    if (thrown.cloudburstSignal === "SUCCESS") return { kind: "success", value: thrown.result };
    return thrown.cloudburstSignal === "LOOP" ? call.next(thrown.result) : failed(thrown);
  }

  #isOverdue(startedMs: number): boolean {
    const { timeoutMs } = this.#parts.subject;
    return timeoutMs !== undefined && this.#parts.world.clock.now() - startedMs >= timeoutMs; // K3
  }

  /** The promise's end; rejects when it has not come within the grace time after the signal. */
  async #inTime(call: CurrentCall, returned: PromiseLike<unknown>, dueMs: number): Promise<unknown> {
    const { clock, graceMs } = this.#parts.world;
    const ended = new AbortController();
    const late = async (): Promise<never> => {
      // A timer may come a moment before its time.
      for (let leftMs = dueMs - clock.now(); leftMs > 0; leftMs = dueMs - clock.now()) {
        await clock.sleep(leftMs, ended.signal);
      }
      call.abort(new TimeoutError());
      if (graceMs === undefined) return await new Promise<never>(() => undefined);
      await clock.sleep(graceMs, ended.signal);
      throw new TimeoutError();
    };
    try {
      return await Promise.race([returned, late()]);
    } finally {
      ended.abort();
    }
  }

  #narrated(call: CurrentCall, args: readonly unknown[]): Outcome | Promise<Outcome> {
    const level = call.mapIndex === undefined ? "info" : "debug"; // a million lines about children help nobody
    const finished = (outcome: Outcome): Outcome => {
      call.narrate(level, `Finished task run for task with final state: '${finalStateOf(outcome)}'`);
      return outcome;
    };
    call.narrate(level, "Starting task run...");
    const outcome = this.#run(call, args);
    return outcome instanceof Promise ? outcome.then(finished) : finished(outcome);
  }
}

function failed(thrown: unknown): Failure {
  return { kind: "failed", error: toError(thrown) };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
