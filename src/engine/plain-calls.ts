/** The lives of plain tasks' calls: attempt after attempt, from what the executor tells to how the call ends. */
import { toError } from "../base/errors.ts";
import type { Step } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import { makingMark } from "../flow/slug.ts";
import { isAtHand } from "./arguments.ts";
import { afterRetryCheck, type Attempt, attemptEnd } from "./attempt-end.ts";
import { breaking, type CallProgress, type CallState, isEnding } from "./call-state.ts";
import { plainCall } from "./calls.ts";
import { askAbout, type CallsWorld } from "./calls-world.ts";
import { pendingNode, runningNode } from "./node-state.ts";
import { isWatched, tellHandlers, type Told } from "./tell-handlers.ts";

export interface PlainCall {
  readonly node: TaskNode;
  readonly step: () => Step;
  /** How often its body was begun before. */
  readonly begun: number;
  /** How often it was let go on after its body had paused: that is no attempt of its own. */
  readonly pauses: number;
  /** Its state before it was to run. */
  readonly from: CallProgress;
}

export class PlainCalls {
  readonly #world: CallsWorld;
  /** Hands a call over again, together with whatever else has become ready. */
  readonly #again: (call: PlainCall) => void;

  constructor(world: CallsWorld, again: (call: PlainCall) => void) {
    this.#world = world;
    this.#again = again;
  }

  run(call: PlainCall): void {
    this.#world.activity.begin(async () => {
      await this.#live(call);
    });
  }

  /** The task's body is not run: its upstreams, or its trigger, have decided. */
  arrive(node: TaskNode, step: () => Step, to: CallState): void {
    const call: PlainCall = { node, step, begun: 0, pauses: 0, from: pendingNode };
    if (!isWatched(node)) {
      this.#put(call, to, 0);
      return;
    }
    this.#world.activity.begin(async () => {
      const { state } = await this.#tell(node, pendingNode, { ...to, attempts: 0 });
      if (!this.#world.activity.isStopped) this.#put(call, state, 0);
    });
  }

  /** Looks for a result that stands for the call's; only where there is none it is decided what becomes of the call. */
  seek(node: TaskNode, step: () => Step, otherwise: () => void): void {
    this.#world.activity.begin(async () => {
      const [found] = await this.#world.kept.find(node, step, [undefined]);
      if (this.#world.activity.isStopped) return;
      if (found === undefined) otherwise();
      else this.arrive(node, step, found);
    });
  }

  async #live(call: PlainCall): Promise<void> {
    const { node } = call;
    const { activity, listener } = this.#world;
    const attempts = call.begun + 1;
    const running = runningNode(attempts);
    if (isWatched(node)) {
      const { state } = await this.#tell(node, call.from, running);
      if (activity.isStopped) return;
      if (state.kind !== "Running") {
        this.#put(call, state, call.begun);
        return;
      }
    }
    listener.plainChanged(node.id, running);
    const end = await this.#world.kept.keep(node, undefined, await this.#attempt(call));
    if (!activity.isStopped) this.#put({ ...call, begun: attempts }, end, attempts);
  }

  async #attempt(call: PlainCall): Promise<CallState> {
    const { calls, executor, activity } = this.#world;
    const { node } = call;
    const attempt: Attempt = { node, attempt: call.begun + 1 - call.pauses, world: this.#world };
    const from = runningNode(call.begun + 1);
    try {
      const made = plainCall(calls, stepAgain(call), call.begun - call.pauses);
      const isHere = node.task.isGlue === true && made.step.inputs.every(isAtHand);
      const outcome = isHere ? await made.run() : await executor.submit(made);
      const end = attemptEnd(outcome, attempt);
      if (!isWatched(node)) return activity.isStopped ? end : afterRetryCheck(end, attempt);
      return await this.#afterHandlers(from, end, attempt);
    } catch (thrown) {
      const broken = breaking(toError(thrown)); // never a reason to make the call again
      return !isWatched(node) ? broken : (await this.#tell(node, from, { ...broken, attempts: from.attempts })).state;
    }
  }

  async #afterHandlers(from: CallProgress, end: CallState, attempt: Attempt): Promise<CallState> {
    const { attempts } = from;
    const { state, isFinal } = await this.#tell(attempt.node, from, { ...end, attempts });
    const checked = isFinal || this.#world.activity.isStopped ? state : afterRetryCheck(state, attempt);
    if (checked === state) return state;
    return (await this.#tell(attempt.node, { ...state, attempts }, { ...checked, attempts })).state;
  }

  async #tell(node: TaskNode, from: CallProgress, to: CallProgress): Promise<Told> {
    return await tellHandlers({ node, index: undefined, from, to }, this.#world);
  }

  #put(call: PlainCall, state: CallState, attempts: number): void {
    const { listener, due, emit } = this.#world;
    const { node } = call;
    const stands: CallProgress = { ...state, attempts };
    if (isEnding(state)) {
      listener.plainEnded(node.id, stands);
      return;
    }
    listener.plainChanged(node.id, stands);
    const again = (): void => {
      const resumes = state.kind === "Paused" && call.begun > 0;
      this.#again({ ...call, pauses: call.pauses + Number(resumes), from: stands });
    };
    if (state.kind === "Retrying") {
      emit({ type: "calls-retrying", slug: node.slug, calls: 1, message: state.message, at: new Date(state.dueMs) });
      due.add(state.dueMs, again);
    }
    if (state.kind !== "Paused") return;
    const fail = (error: Error): void => {
      listener.plainEnded(node.id, { ...breaking(error), attempts });
    };
    askAbout({ node, index: undefined, message: state.message, resume: again, fail }, this.#world);
  }
}

/** The store keeps the results of attempts apart by the slug. */
function stepAgain(call: PlainCall): Step {
  const step = call.step();
  return call.begun === 0 ? step : { ...step, slug: step.slug + makingMark(call) };
}
