/**
 * Runs a graph: finds what may run, hands it to the dispatcher, and goes on as calls end.
 *
 * - S1 A node is considered once, when every upstream that counts as a whole has finished and the width of every
 *   upstream it follows child by child is known. Skipping comes before the map check and before the trigger.
 * - S2 Child i of a follower becomes ready when child i of all its upstreams has ended: there is no barrier between maps.
 * - S3 States change in `NodeProgress` and, for children, in `ChildStates`. What has ended never changes.
 * - S4 Whatever ends is worked off in one loop, never by recursion: graphs may be deep.
 * - S5 When nothing is under way any more and something is paused, the run is over.
 */
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import type { Executor, IndexRange, PlannedCalls, Step } from "../executors/executor.ts";
import type { Graph, GraphNode, TaskNode } from "../flow/graph.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { RetryPolicy } from "../flow/retry-policy.ts";
import type { OnPause } from "../flow/run-options.ts";
import { isFailed, type StateChange } from "../flow/state.ts";
import { bringHome } from "./bring-home.ts";
import { breaking, type CallProgress, type CallState, type Ending, failing, refusalsOf } from "./call-state.ts";
import { type RunCalls, stepOptions } from "./calls.ts";
import type { DispatchListener } from "./calls-world.ts";
import { ChildStates, type SettledCounts } from "./child-states.ts";
import { decide, type Decision } from "./decide.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { KeptResults } from "./kept-results.ts";
import { mapSources, nodesToFetch } from "./map-source.ts";
import { MappedRun } from "./mapped-run.ts";
import { message } from "./messages.ts";
import { NodeProgress } from "./node-progress.ts";
import { type NodeState, type NodeStates, stateOf, succeededNode } from "./node-state.ts";
import { type NodePlan, planGraph } from "./plan.ts";
import { plannedCalls } from "./planned-calls.ts";
import { resolveInput } from "./resolve-inputs.ts";
import { retryPolicyOf } from "./retries.ts";
import { tellMapped } from "./tell-handlers.ts";
import { addNode, type Counts, noCounts } from "./upstream-counts.ts";

export interface EngineRun {
  readonly calls: RunCalls;
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly executor: Executor;
  /** Never throws. */
  readonly emit: RunObserver;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: () => number;
  /** Of tasks that do not say. */
  readonly retry: RetryPolicy | undefined;
  readonly kept: KeptResults;
  /** Asked about each call that pauses; without it they stay paused. */
  readonly onPause: OnPause | undefined;
}

/** Something to look at: a node whose upstreams are there, or upstream children that have ended. */
type Work =
  | { readonly kind: "consider"; readonly plan: NodePlan; readonly node: TaskNode }
  | { readonly kind: "follow"; readonly upstream: MappedRun; readonly range: IndexRange };

export class Scheduler implements DispatchListener {
  readonly #run: EngineRun;
  readonly #plans: readonly NodePlan[];
  readonly #progress: NodeProgress;
  readonly #mapped: (MappedRun | undefined)[];
  readonly #work: Work[] = [];
  readonly #dispatcher: Dispatcher;
  #pumping = false;
  #stopped = false;
  #end: () => void = () => undefined;

  constructor(run: EngineRun) {
    this.#run = run;
    this.#plans = planGraph(run.graph);
    this.#progress = new NodeProgress(this.#plans, run.clock, {
      due: (plan, node) => this.#work.push({ kind: "consider", plan, node }),
      finished: ({ slug }, { kind, message: text }) => {
        run.emit({ type: "task-finished", slug, kind, message: text });
      },
      allFinished: () => {
        this.#end();
      },
    });
    this.#mapped = run.graph.nodes.map(() => undefined);
    const { calls, executor } = run;
    this.#dispatcher = new Dispatcher({
      calls,
      executor,
      listener: this,
      find: (id) => this.#mapped[id],
      world: run,
      rested: () => {
        this.#endAtRest();
      },
    });
  }

  get states(): NodeState[] {
    return this.#progress.states;
  }

  /** What was not handed to the executor yet. */
  planned(): readonly PlannedCalls[] {
    return this.#stopped ? [] : plannedCalls(this.#plans, this.states, (id) => this.#mapped[id]);
  }

  historyOf(id: number): readonly StateChange[] {
    return this.#progress.historyOf(id);
  }

  /** Every node has ended; false after an abort, and where something is paused. */
  get isFinished(): boolean {
    return this.#progress.isFinished;
  }

  /** Resolves when every node has finished, or the run was aborted; never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#run;
    await new Promise<void>((resolve) => {
      const abort = (): void => {
        this.#abort();
      };
      this.#end = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) this.#abort();
      else this.#begin();
    });
  }

  #begin(): void {
    if (this.isFinished) this.#end();
    for (const plan of this.#plans) {
      const { node } = plan;
      if (node.kind !== "task") continue;
      if (!node.mapped) this.#run.emit({ type: "calls-planned", slug: node.slug, calls: 1 });
      if (this.#progress.awaitsNobody(node.id)) this.#work.push({ kind: "consider", plan, node });
    }
    for (const plan of this.#plans) {
      const { node } = plan;
      if (node.kind === "parameter") this.#progress.change(plan, succeededNode(this.#run.parameters[node.name]));
    }
    this.#pump();
  }

  #abort(): void {
    this.#stopped = true;
    this.#dispatcher.stop();
    this.#progress.cancelBegun();
    this.#end();
  }

  /** S5 */
  #endAtRest(): void {
    if (this.#stopped || this.isFinished || !this.#dispatcher.isIdle) return;
    this.#stopped = true;
    this.#dispatcher.stop();
    this.#end();
  }

  plainEnded(id: number, state: CallProgress): void {
    const plan = this.#plans[id];
    if (plan === undefined) return;
    this.#tellSettled(plan.node, isFailed(state) ? oneFailed : oneSuccessful);
    this.#progress.change(plan, state);
    this.#pump();
  }

  plainChanged(id: number, state: CallProgress): void {
    const plan = this.#plans[id];
    if (plan === undefined) return;
    if (state.kind === "Running" && state.attempts === 1)
      this.#run.emit({ type: "task-started", slug: plan.node.slug });
    this.#progress.change(plan, state);
  }

  childrenEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void {
    this.#noteEnded(run, ranges, counts);
    this.#pump();
  }

  /** S4 */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let at = 0; at < this.#work.length; at += 1) {
      const work = this.#work[at];
      if (work?.kind === "consider") this.#consider(work.plan, work.node);
      if (work?.kind === "follow") this.#follow(work.upstream, work.range);
    }
    this.#work.length = 0;
    this.#pumping = false;
    this.#endAtRest();
  }

  #consider(plan: NodePlan, node: TaskNode): void {
    const counts = baseCounts(plan, this.states);
    const refusals = refusalsOf(node);
    if (node.mapped) {
      if (node.skipOnUpstreamSkip && counts.skipped > 0)
        this.#enterMapped(plan, node, { ...refusals.skipped, attempts: 0 });
      else this.#expand(plan, node, counts);
      return;
    }
    const decision = decide(node, { exist: plan.whole.length > 0, counts }, refusals);
    const step = (): Step => this.#step(plan, node);
    const go = (): void => {
      if (decision.kind === "run") this.#dispatcher.addPlain(node, step);
      else this.#dispatcher.arrive(node, step, stateDecided(decision));
    };
    const isSkipped = decision.kind === "end" && decision.ending.kind === "Skipped";
    if (node.keeping === undefined || isSkipped) go();
    else this.#dispatcher.seek(node, step, go);
  }

  #expand(plan: NodePlan, node: TaskNode, base: Counts): void {
    const missing = nodesToFetch(node, this.states);
    if (missing.length === 0) {
      this.#startMapping(plan, node, base);
      return;
    }
    this.#dispatcher.begin(async () => {
      await this.#fetchAndMap(missing, plan, node, base);
    });
  }

  async #fetchAndMap(missing: readonly number[], plan: NodePlan, node: TaskNode, base: Counts): Promise<void> {
    let failure: CallProgress | undefined;
    try {
      await bringHome(missing, this.states, this.#run.executor);
    } catch (thrown) {
      failure = { ...breaking(toError(thrown)), attempts: 0 };
    }
    if (this.#stopped) return;
    if (failure === undefined) this.#startMapping(plan, node, base);
    else this.#enterMapped(plan, node, failure);
    this.#pump();
  }

  #startMapping(plan: NodePlan, node: TaskNode, base: Counts): void {
    const states = this.states;
    const found = mapSources(node, { graph: this.#run.graph, states, counted: new Set(plan.whole) });
    if (found.kind === "unmappable") {
      const skipped = whereAllSkipped(node, base);
      if (skipped !== undefined) this.#enterMapped(plan, node, { ...skipped, attempts: 0 });
      else this.#enterMapped(plan, node, { ...failing("Failed", found.message, found.error), attempts: 0 });
      return;
    }
    const { maxRetries } = retryPolicyOf(node, this.#run) ?? {};
    const children = new ChildStates(found.width, refusalsOf(node), this.#run.clock, maxRetries);
    const elementwise = plan.elementwise.flatMap((upstream) => childrenOf(stateOf(states, upstream)));
    const countAts = [...found.sources.values()].flatMap((source) => source.countAt ?? []);
    const run = new MappedRun({
      node,
      plan,
      children,
      upstreams: { base, elementwise, countAts },
      stepFor: (fused) => this.#step(plan, node, (each) => fused ?? found.sources.get(each)?.column),
    });
    this.#enterMapped(plan, node, { kind: "Mapped", message: message.mapped, children, attempts: 0 }, run);
  }

  /** The parent's state, once its handlers, if it has some, have been told; `run` is there when it is to have children. */
  #enterMapped(plan: NodePlan, node: TaskNode, state: NodeState, run?: MappedRun): void {
    if (node.handlers === undefined) {
      this.#becomeMapped(plan, state, run);
      return;
    }
    this.#dispatcher.begin(async () => {
      const told = await tellMapped(node, state, this.#dispatcher.world);
      if (this.#stopped) return;
      this.#becomeMapped(plan, told, run);
      this.#pump();
    });
  }

  #becomeMapped(plan: NodePlan, state: NodeState, run: MappedRun | undefined): void {
    if (state.kind !== "Mapped" || run === undefined) {
      this.#progress.change(plan, state);
      return;
    }
    const { node, children } = run;
    const { width } = children;
    this.#mapped[node.id] = run;
    this.#run.emit({ type: "calls-planned", slug: node.slug, calls: width });
    this.#run.emit({ type: "task-started", slug: node.slug });
    this.#progress.change(plan, state);
    if (width > 0) this.#advance(run, run.advance({ start: 0, end: width }));
  }

  #follow(upstream: MappedRun, range: IndexRange): void {
    for (const follower of upstream.plan.followers) {
      const run = this.#mapped[follower];
      if (run === undefined) continue; // it will look at all children when its width is known
      this.#advance(run, run.isFused ? run.advanceFused(range, upstream.children) : run.advance(range));
    }
  }

  #advance(run: MappedRun, unrun: ReturnType<MappedRun["advance"]>): void {
    if (!run.ready.isEmpty || run.undone.length > 0) this.#dispatcher.addMapped(run);
    if (unrun.ranges.length > 0) this.#noteEnded(run, unrun.ranges, unrun);
  }

  #noteEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void {
    this.#tellSettled(run.node, counts);
    if (run.plan.followers.length > 0)
      for (const range of ranges) this.#work.push({ kind: "follow", upstream: run, range });
    if (counts.successful + counts.failed > 0 && run.children.allEnded) this.#progress.finish(run.plan);
  }

  #step(plan: NodePlan, node: TaskNode, columnOf?: Parameters<typeof resolveInput>[2]): Step {
    return {
      task: node.task,
      slug: node.slug,
      order: node.id,
      inputs: node.inputs.map((input) => resolveInput(input, this.states, columnOf)),
      wantsLengths: plan.wantsLengths,
      ...stepOptions(node, this.#run.calls),
    };
  }

  #tellSettled(node: GraphNode, { successful, failed }: SettledCounts): void {
    if (successful + failed > 0) this.#run.emit({ type: "calls-settled", slug: node.slug, successful, failed });
  }
}

function stateDecided(decision: Exclude<Decision, { readonly kind: "run" }>): CallState {
  return decision.kind === "pause" ? { kind: "Paused", message: decision.message } : decision.ending;
}

/** Nothing is there to map over, because all of it was skipped: what the trigger makes of that, if it has a word for it. */
function whereAllSkipped(node: TaskNode, counts: Counts): Ending | undefined {
  if (counts.total === 0 || counts.skipped < counts.total) return undefined;
  const decision = decide(node, { exist: true, counts }, refusalsOf(node));
  return decision.kind === "end" ? decision.ending : undefined;
}

const oneSuccessful: SettledCounts = { successful: 1, failed: 0 };
const oneFailed: SettledCounts = { successful: 0, failed: 1 };

/** Upstreams that count for every call. A mapped upstream without children, since it was not run, is one of them. */
function baseCounts(plan: NodePlan, states: NodeStates): Counts {
  const counts = noCounts();
  for (const upstream of plan.whole) addNode(counts, stateOf(states, upstream));
  for (const upstream of new Set([...plan.elementwise, ...plan.flattened])) {
    const state = stateOf(states, upstream);
    if (state.kind !== "Mapped") addNode(counts, state);
  }
  return counts;
}

function childrenOf(state: NodeState): readonly ChildStates[] {
  return state.kind === "Mapped" ? [state.children] : [];
}
