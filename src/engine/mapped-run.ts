/** A mapped node whose width is known: finds out, child after child, what may run. */
import type { Column, IndexRange, Step } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import { CloudburstError } from "../base/errors.ts";
import { callCode, hasEnded, hasSucceeded, hasValue } from "./call-code.ts";
import type { Ending, Waiting } from "./call-state.ts";
import type { ChildStates, SettledCounts } from "./child-states.ts";
import { decide, type Decision } from "./decide.ts";
import type { CountAt } from "./map-context.ts";
import { awaitedUpstreams, type NodePlan } from "./plan.ts";
import { Ranges } from "./ranges.ts";
import { addCode, copyCounts, noCounts, sameCounts, type Counts } from "./upstream-counts.ts";
import { isWatched } from "./tell-handlers.ts";

export interface MappedUpstreams {
  /** Counts of the upstreams that count for every child. */
  readonly base: Counts;
  /** Mapped upstreams of which child i counts for child i. */
  readonly elementwise: readonly ChildStates[];
  /** What else counts for single children. */
  readonly countAts: readonly CountAt[];
}

export interface MappedRunParts {
  readonly node: TaskNode;
  readonly plan: NodePlan;
  readonly children: ChildStates;
  readonly upstreams: MappedUpstreams;
  /** The step for executors; where it is fused behind another step, that one's results are the column. */
  readonly stepFor: (fused: Column | undefined) => Step;
}

/** A child whose upstreams, or trigger, have decided that its body is not run now. */
export interface Undone {
  readonly index: number;
  readonly state: Ending | Waiting;
}

/** What became of children without their body being run. */
export interface Unrun extends SettledCounts {
  readonly ranges: readonly IndexRange[];
}

export class MappedRun {
  readonly node: TaskNode;
  readonly plan: NodePlan;
  readonly children: ChildStates;
  readonly upstreams: MappedUpstreams;
  readonly stepFor: MappedRunParts["stepFor"];
  /** Children to be handed to the executor. */
  readonly ready = new Ranges();
  /** Children that paused before they ran, and, where there are handlers to be told, children that end without running. */
  undone: Undone[] = [];
  /** Its calls are run behind those of its upstream, in the same batches. */
  isFused = false;
  readonly #hasUpstreams: boolean;
  readonly #counts = noCounts();
  readonly #decidedOn = noCounts();
  #decision: Decision | undefined;

  constructor(parts: MappedRunParts) {
    this.node = parts.node;
    this.plan = parts.plan;
    this.children = parts.children;
    this.upstreams = parts.upstreams;
    this.stepFor = parts.stepFor;
    this.#hasUpstreams = awaitedUpstreams(parts.plan) > 0;
  }

  /**
   * Looks at the children in `range` after upstream children there have ended: those whose upstreams have all ended
   * become ready, or end at once.
   */
  advance(range: IndexRange): Unrun {
    const end = Math.min(range.end, this.children.width);
    const unrun = new UnrunCollector();
    let readyFrom = range.start;
    for (let index = range.start; index < end; index += 1) {
      const decision = this.#mayStart(index) ? this.#decideAt(index) : undefined;
      if (decision?.kind === "run") continue;
      this.#makeReady(readyFrom, index);
      readyFrom = index + 1;
      if (decision !== undefined) this.#undo(index, decision, unrun);
    }
    this.#makeReady(readyFrom, end);
    return unrun.collected();
  }

  #makeReady(start: number, end: number): void {
    if (start >= end) return;
    this.children.begin({ start, end });
    this.ready.add(start, end);
  }

  /** As `advance`, for calls that their executor runs behind those of `upstream`: only what it could not run is left. */
  advanceFused(range: IndexRange, upstream: ChildStates): Unrun {
    const unrun = new UnrunCollector();
    for (let index = range.start; index < range.end; index += 1) {
      const code = upstream.codeAt(index);
      if (hasValue(code) || !hasEnded(code) || hasEnded(this.children.codeAt(index))) continue;
      this.#undo(index, this.#decideAt(index), unrun);
    }
    return unrun.collected();
  }

  #mayStart(index: number): boolean {
    if (this.children.codeAt(index) !== callCode.pending) return false;
    for (const upstream of this.upstreams.elementwise) if (!hasEnded(upstream.codeAt(index))) return false;
    return true;
  }

  #decideAt(index: number): Decision {
    const counts = this.#counts;
    copyCounts(this.upstreams.base, counts);
    for (const upstream of this.upstreams.elementwise) addCode(counts, upstream.codeAt(index));
    for (const countAt of this.upstreams.countAts) countAt(index, counts);
    // Most children have the same counts as the one before; triggers are functions of the counts alone.
    if (this.#decision !== undefined && sameCounts(counts, this.#decidedOn)) return this.#decision;
    copyCounts(counts, this.#decidedOn);
    return (this.#decision = decide(
      this.node,
      { exist: this.#hasUpstreams, counts: { ...counts } },
      this.children.refusals,
    ));
  }

  #undo(index: number, decision: Decision, unrun: UnrunCollector): void {
    if (decision.kind === "run")
      throw new CloudburstError("engine_bug", `child ${String(index)} has nothing to run on`);
    const state: Ending | Waiting =
      decision.kind === "pause" ? { kind: "Paused", message: decision.message } : decision.ending;
    if (isWatched(this.node)) this.children.begin({ start: index, end: index + 1 });
    else this.children.put(index, state, 0);
    if (isWatched(this.node) || decision.kind === "pause") this.undone.push({ index, state });
    else unrun.add(index, this.children.codeAt(index));
  }
}

class UnrunCollector {
  readonly #ranges = new Ranges();
  #successful = 0;
  #failed = 0;
  #start = 0;
  #end = 0;

  add(index: number, code: number): void {
    if (hasSucceeded(code)) this.#successful += 1;
    else this.#failed += 1;
    if (index !== this.#end) {
      this.#ranges.add(this.#start, this.#end);
      this.#start = index;
    }
    this.#end = index + 1;
  }

  collected(): Unrun {
    this.#ranges.add(this.#start, this.#end);
    return { ranges: this.#ranges.take(), successful: this.#successful, failed: this.#failed };
  }
}
