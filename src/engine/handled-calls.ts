/**
 * Children of mapped tasks that have handlers: as in `mapped-calls.ts`, but every change of a child's state is told first,
 * child after child in a range. Such tasks are never fused.
 */
import { toError } from "../base/errors.ts";
import { type IndexRange, RemoteSlice, type Settled } from "../executors/executor.ts";
import { AgainGroups, firstMaking, type Making } from "./again-groups.ts";
import { afterRetryCheck, type Attempt, attemptEnd } from "./attempt-end.ts";
import { callCode, hasSucceeded } from "./call-code.ts";
import { breaking, type CallProgress, type CallState, type Ending, isEnding, type Waiting } from "./call-state.ts";
import type { CallsWorld } from "./calls-world.ts";
import { inLanes } from "./gate.ts";
import { AT_ONCE } from "./kept-results.ts";
import type { MappedRun, Undone } from "./mapped-run.ts";
import { pendingNode, runningNode } from "./node-state.ts";
import { around, Ranges } from "./ranges.ts";
import { tellHandlers, type Told } from "./tell-handlers.ts";

/** What handled calls need of the others. */
export interface HandledHooks {
  /** Hands running children to the executor. */
  map(run: MappedRun, range: IndexRange, making: Making): void;
  /** Asks whether a paused child may go on. */
  pause(run: MappedRun, paused: Undone): void;
}

type IndexTest = (index: number) => boolean;

interface AttemptEnd {
  readonly index: number;
  /** How it ends, when the handlers have been told. */
  readonly told: CallState;
  /** It succeeded, and is as the executor told it. */
  readonly isPlain: boolean;
}

export class HandledCalls {
  readonly #world: CallsWorld;
  readonly #hooks: HandledHooks;

  constructor(world: CallsWorld, hooks: HandledHooks) {
    this.#world = world;
    this.#hooks = hooks;
  }

  /** Children whose upstreams have ended: those to be run, and those for whom it was decided otherwise. */
  enter(run: MappedRun, ranges: readonly IndexRange[], undone: readonly Undone[]): void {
    this.#world.activity.begin(async () => {
      const found = await this.#find(run, ranges, undone);
      if (this.#world.activity.isStopped) return;
      const left = without(ranges, found);
      await this.#enterRunning(run, left, firstMaking, pendingNode);
      const others = undone.filter(({ index }) => !found.has(index));
      await this.#endUnrun(run, [...others, ...[...found].map(([index, state]) => ({ index, state }))]);
    });
  }

  /** Children whose results are there from earlier runs. That comes before the trigger's word, and after skipping. */
  async #find(
    run: MappedRun,
    ranges: readonly IndexRange[],
    undone: readonly Undone[],
  ): Promise<ReadonlyMap<number, Ending>> {
    const { node } = run;
    if (node.keeping === undefined) return new Map();
    const refused = undone.filter(({ state }) => state.kind !== "Skipped").map(({ index }) => index);
    const indices = [
      ...ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)),
      ...refused,
    ];
    const found = await this.#world.kept.find(node, () => run.stepFor(undefined), indices);
    return new Map(
      indices.flatMap((index, at) => {
        const ending = found[at];
        return ending === undefined ? [] : [[index, ending] as const];
      }),
    );
  }

  /** Children that waited. */
  again(run: MappedRun, ranges: readonly IndexRange[], making: Making): void {
    this.#world.activity.begin(async () => {
      await this.#enterRunning(run, ranges, making, undefined);
    });
  }

  settle(run: MappedRun, settled: Settled, skips: IndexTest | undefined): void {
    this.#world.activity.begin(async () => {
      await this.#settle(run, settled, (index) => !isRunning(run, index) || skips?.(index) === true);
    });
  }

  /** The executor gave up on these. */
  endRunning(run: MappedRun, range: IndexRange, ending: Ending, concerns: IndexTest): void {
    const states = new Map<number, CallProgress>();
    for (let index = range.start; index < range.end; index += 1) {
      if (isRunning(run, index) && concerns(index))
        states.set(index, { ...ending, attempts: run.children.attemptsAt(index) });
    }
    if (states.size === 0) return;
    this.#world.activity.begin(async () => {
      for (const [index, to] of states) {
        const { state } = await this.#tell(run, index, runningNode(to.attempts), to);
        states.set(index, { ...state, attempts: to.attempts });
      }
      this.#put(run, range, states);
    });
  }

  async #enterRunning(
    run: MappedRun,
    ranges: readonly IndexRange[],
    making: Making,
    from: CallProgress | undefined,
  ): Promise<void> {
    const { begun } = making;
    const go = new Ranges();
    const states = new Map<number, CallProgress>();
    for (const { start, end } of ranges) {
      for (let index = start; index < end; index += 1) {
        const before = from ?? { ...run.children.stateAt(index), attempts: begun };
        const { state } = await this.#tell(run, index, before, runningNode(begun + 1));
        if (state.kind === "Running") go.add(index, index + 1);
        else states.set(index, { ...state, attempts: begun });
      }
    }
    if (this.#world.activity.isStopped) return;
    this.#put(run, around(states.keys()), states);
    for (const range of go.take()) {
      if (from === undefined) run.children.beginAgain(range);
      this.#hooks.map(run, range, making);
    }
  }

  async #endUnrun(run: MappedRun, undone: readonly Undone[]): Promise<void> {
    const states = new Map<number, CallProgress>();
    for (const { index, state: to } of undone) {
      const { state } = await this.#tell(run, index, pendingNode, { ...to, attempts: 0 });
      states.set(index, { ...state, attempts: 0 });
    }
    this.#put(run, around(states.keys()), states);
  }

  async #settle(run: MappedRun, settled: Settled, skips: IndexTest): Promise<void> {
    const { range, failures } = settled;
    const values = await this.#valuesOf(settled);
    const ends: AttemptEnd[] = [];
    for (let index = range.start; index < range.end; index += 1) {
      if (skips(index)) continue;
      const attempt: Attempt = { node: run.node, attempt: run.children.runCountAt(index), world: this.#world };
      const value = values instanceof Error ? undefined : values[index - range.start];
      const end = attemptEnd(failures.get(index) ?? { kind: "success", value }, attempt);
      const broken = values instanceof Error && !failures.has(index) ? breaking(values) : undefined;
      const told = await this.#afterHandlers(run, index, broken ?? end, attempt, broken === undefined);
      ends.push({ index, told, isPlain: told === end && end.kind === "Success" && !failures.has(index) });
    }
    const states = new Map<number, CallProgress>();
    for (const { index, told, isPlain } of await this.#keepAll(run, ends)) {
      if (!isPlain) states.set(index, { ...told, attempts: run.children.attemptsAt(index) });
    }
    if (this.#world.activity.isStopped) return;
    const kept = run.children.settle(
      { ...settled, failures: new Map() },
      { skips: (index) => skips(index) || states.has(index), judge: () => breaking(new Error("not failed")) },
    );
    this.#world.listener.childrenEnded(run, [range], kept);
    this.#put(run, range, states);
  }

  /** Together: a store takes far longer over a result than a body need have taken. */
  async #keepAll(run: MappedRun, ends: readonly AttemptEnd[]): Promise<readonly AttemptEnd[]> {
    if (run.node.keeping === undefined || this.#world.activity.isStopped) return ends;
    return await inLanes(ends, AT_ONCE, async (end) => {
      const { activity, kept } = this.#world;
      if (activity.isStopped) return end; // nobody wants it any more
      const told = await kept.keep(run.node, end.index, end.told);
      return told.kind === "Success" ? end : { ...end, told, isPlain: false };
    });
  }

  /** An error where they could not be brought home. */
  async #valuesOf({ values }: Settled): Promise<readonly unknown[] | Error> {
    if (!(values instanceof RemoteSlice)) return values;
    try {
      const [home] = await this.#world.executor.wait([values]);
      return Array.isArray(home) ? (home as unknown[]) : [];
    } catch (thrown) {
      return toError(thrown);
    }
  }

  async #afterHandlers(
    run: MappedRun,
    index: number,
    end: CallState,
    attempt: Attempt,
    mayRetry: boolean,
  ): Promise<CallState> {
    const attempts = run.children.attemptsAt(index);
    const { state, isFinal } = await this.#tell(run, index, runningNode(attempts), withAttempts(end, attempts));
    const unchanged = state.kind === end.kind && "value" in state && "value" in end && state.value === end.value;
    const stays = unchanged && state.message === end.message ? end : state;
    const checked = isFinal || !mayRetry ? stays : afterRetryCheck(stays, attempt);
    if (checked === stays) return stays;
    return (await this.#tell(run, index, withAttempts(stays, attempts), withAttempts(checked, attempts))).state;
  }

  async #tell(run: MappedRun, index: number, from: CallProgress, to: CallProgress): Promise<Told> {
    return await tellHandlers({ node: run.node, index, from, to }, this.#world);
  }

  /** Ends children, or lets them wait, as their handlers have it. */
  #put(run: MappedRun, range: IndexRange, states: ReadonlyMap<number, CallProgress>): void {
    const { activity, listener, due, emit } = this.#world;
    if (activity.isStopped || states.size === 0) return;
    const again = new AgainGroups();
    const paused: Undone[] = [];
    const counts = { successful: 0, failed: 0 };
    for (const [index, progress] of states) {
      const state = endingOrWaiting(progress);
      run.children.putAside(index, state, progress.attempts);
      if (state.kind === "Retrying")
        again.add(index, { begun: progress.attempts, pauses: run.children.pausesAt(index) }, state);
      else if (state.kind === "Paused") paused.push({ index, state });
      else if (hasSucceeded(run.children.codeAt(index))) counts.successful += 1;
      else counts.failed += 1;
    }
    for (const { making, dueMs, message, ranges, calls } of again.all()) {
      emit({ type: "calls-retrying", slug: run.node.slug, calls, message, at: new Date(dueMs) });
      due.add(dueMs, () => {
        this.again(run, ranges.take(), making);
      });
    }
    for (const one of paused) this.#hooks.pause(run, one);
    listener.childrenEnded(run, [range], counts);
  }
}

function isRunning({ children }: MappedRun, index: number): boolean {
  return children.codeAt(index) === callCode.running;
}

function withAttempts(state: CallState, attempts: number): CallProgress {
  return { ...state, attempts };
}

function endingOrWaiting(state: CallState): Ending | Waiting {
  if (isEnding(state) || state.kind === "Retrying" || state.kind === "Paused") return state;
  return breaking(new Error(`a call cannot become ${state.kind} here`));
}

function without(ranges: readonly IndexRange[], found: ReadonlyMap<number, unknown>): readonly IndexRange[] {
  if (found.size === 0) return ranges;
  const left = new Ranges();
  for (const { start, end } of ranges) {
    for (let index = start; index < end; index += 1) if (!found.has(index)) left.add(index, index + 1);
  }
  return left.take();
}
