/**
 * Runs a graph: finds what may run, hands it to the dispatcher, and goes on as calls end.
 *
 * - S1 A node is considered once, when every upstream that counts as a whole has finished and the width of every
 *   upstream it follows child by child is known. Skipping comes before the map check and before the trigger.
 * - S2 Child i of a follower becomes ready when child i of all its upstreams has ended: there is no barrier between maps.
 * - S3 States change in `#change` and, for children, in `ChildStates`. What has ended never changes.
 * - S4 Whatever ends is worked off in one loop, never by recursion: graphs may be deep.
 */
import type { Clock } from "../base/clock.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import type { Executor, IndexRange, Step } from "../executors/executor.ts";
import type { Graph, GraphNode, TaskNode } from "../flow/graph.ts";
import type { RunObserver } from "../flow/run-event.ts";
import { bringHome } from "./bring-home.ts";
import { type RunCalls, stepOptions } from "./calls.ts";
import { ChildStates, type SettledCounts } from "./child-states.ts";
import { decide, triggerFailure } from "./decide.ts";
import { type DispatchListener, Dispatcher } from "./dispatcher.ts";
import { mapSources, nodesToFetch } from "./map-source.ts";
import { MappedRun } from "./mapped-run.ts";
import { message, unexpectedMessage } from "./messages.ts";
import {
  cancelledNode,
  failedNode,
  isNodeFinished,
  type NodeState,
  type NodeStates,
  pendingNode,
  runningNode,
  skippedNode,
  stateOf,
  succeededNode,
} from "./node-state.ts";
import { awaitedUpstreams, type NodePlan, planGraph } from "./plan.ts";
import { resolveInput } from "./resolve-inputs.ts";
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
}

/** Something to look at: a node whose upstreams are there, or upstream children that have ended. */
type Work =
  | { readonly kind: "consider"; readonly plan: NodePlan; readonly node: TaskNode }
  | { readonly kind: "follow"; readonly upstream: MappedRun; readonly range: IndexRange };

export class Scheduler implements DispatchListener {
  readonly #run: EngineRun;
  readonly #plans: readonly NodePlan[];
  readonly #states: NodeState[];
  /** For each node, how many upstreams it still waits for before it is considered. */
  readonly #awaited: Int32Array;
  readonly #mapped: (MappedRun | undefined)[];
  readonly #work: Work[] = [];
  readonly #dispatcher: Dispatcher;
  #unfinished: number;
  #stopped = false;
  #end: () => void = () => undefined;

  constructor(run: EngineRun) {
    this.#run = run;
    this.#plans = planGraph(run.graph);
    this.#states = run.graph.nodes.map(() => pendingNode);
    this.#mapped = run.graph.nodes.map(() => undefined);
    this.#awaited = Int32Array.from(this.#plans, awaitedUpstreams);
    this.#unfinished = run.graph.nodes.length;
    const { calls, executor } = run;
    this.#dispatcher = new Dispatcher({ calls, executor, listener: this, find: (id) => this.#mapped[id], world: run });
  }

  get states(): NodeState[] {
    return this.#states;
  }

  /** Every node has ended; false after an abort. */
  get isFinished(): boolean {
    return this.#unfinished === 0;
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
    if (this.#unfinished === 0) this.#end();
    for (const plan of this.#plans) {
      const { node } = plan;
      if (node.kind !== "task") continue;
      if (!node.mapped) this.#run.emit({ type: "calls-planned", slug: node.slug, calls: 1 });
      if (this.#awaited[node.id] === 0) this.#work.push({ kind: "consider", plan, node });
    }
    for (const plan of this.#plans) {
      const { node } = plan;
      if (node.kind === "parameter") this.#change(plan, succeededNode(this.#run.parameters[node.name]));
    }
    this.#pump();
  }

  #abort(): void {
    this.#stopped = true;
    this.#dispatcher.stop();
    for (const [id, state] of this.#states.entries()) {
      if (state.kind === "Running" || state.kind === "Retrying") this.#states[id] = cancelledNode;
      if (state.kind === "Mapped") state.children.cancelRunning();
    }
    this.#end();
  }

  plainEnded(id: number, state: NodeState): void {
    const plan = this.#plans[id];
    if (plan === undefined) return;
    this.#tellSettled(plan.node, state.kind === "Success" ? oneSuccessful : oneFailed);
    this.#change(plan, state);
    this.#pump();
  }

  plainChanged(id: number, state: NodeState): void {
    const plan = this.#plans[id];
    if (plan !== undefined) this.#change(plan, state);
  }

  childrenEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void {
    this.#noteEnded(run, ranges, counts);
    this.#pump();
  }

  #pump(): void {
    for (let at = 0; at < this.#work.length; at += 1) {
      const work = this.#work[at];
      if (work?.kind === "consider") this.#consider(work.plan, work.node);
      if (work?.kind === "follow") this.#follow(work.upstream, work.range);
    }
    this.#work.length = 0;
  }

  #consider(plan: NodePlan, node: TaskNode): void {
    const counts = baseCounts(plan, this.#states);
    if (node.mapped) {
      if (node.skipOnUpstreamSkip && counts.skipped > 0) this.#change(plan, skippedNode(node));
      else this.#expand(plan, node, counts);
      return;
    }
    const decision = decide(node, plan.whole.length > 0, counts);
    if (decision.kind === "run") {
      this.#change(plan, runningNode);
      this.#dispatcher.addPlain(node, () => this.#step(plan, node));
      return;
    }
    const error = decision.kind === "refuse" ? (decision.error ?? triggerFailure(node)) : undefined;
    this.#tellSettled(node, error === undefined ? oneSuccessful : oneFailed);
    this.#change(
      plan,
      error === undefined ? skippedNode(node) : { kind: "TriggerFailed", message: error.message, error },
    );
  }

  #expand(plan: NodePlan, node: TaskNode, base: Counts): void {
    const missing = nodesToFetch(node, this.#states);
    if (missing.length === 0) {
      this.#startMapping(plan, node, base);
      return;
    }
    void this.#fetchAndMap(missing, plan, node, base); // tells its end through `#change`
  }

  async #fetchAndMap(missing: readonly number[], plan: NodePlan, node: TaskNode, base: Counts): Promise<void> {
    let failure: NodeState | undefined;
    try {
      await bringHome(missing, this.#states, this.#run.executor);
    } catch (thrown) {
      const error = toError(thrown);
      failure = failedNode(unexpectedMessage(error), error);
    }
    if (this.#stopped) return;
    if (failure === undefined) this.#startMapping(plan, node, base);
    else this.#change(plan, failure);
    this.#pump();
  }

  #startMapping(plan: NodePlan, node: TaskNode, base: Counts): void {
    const states = this.#states;
    const found = mapSources(node, { graph: this.#run.graph, states, counted: new Set(plan.whole) });
    if (found.kind === "unmappable") {
      this.#change(plan, failedNode(found.message, found.error));
      return;
    }
    const children = new ChildStates(found.width, triggerFailure(node));
    const elementwise = plan.elementwise.flatMap((upstream) => childrenOf(stateOf(states, upstream)));
    const countAts = [...found.sources.values()].flatMap((source) => source.countAt ?? []);
    const run = new MappedRun({
      node,
      plan,
      children,
      upstreams: { base, elementwise, countAts },
      stepFor: (fused) => this.#step(plan, node, (each) => fused ?? found.sources.get(each)?.column),
    });
    this.#mapped[node.id] = run;
    this.#run.emit({ type: "calls-planned", slug: node.slug, calls: found.width });
    this.#change(plan, { kind: "Mapped", message: message.mapped, children });
    if (found.width > 0) this.#advance(run, run.advance({ start: 0, end: found.width }));
  }

  #follow(upstream: MappedRun, range: IndexRange): void {
    for (const follower of upstream.plan.followers) {
      const run = this.#mapped[follower];
      if (run === undefined) continue; // it will look at all children when its width is known
      this.#advance(run, run.isFused ? run.advanceFused(range, upstream.children) : run.advance(range));
    }
  }

  #advance(run: MappedRun, unrun: ReturnType<MappedRun["advance"]>): void {
    if (!run.ready.isEmpty) this.#dispatcher.addMapped(run);
    if (unrun.ranges.length > 0) this.#noteEnded(run, unrun.ranges, unrun);
  }

  #noteEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void {
    this.#tellSettled(run.node, counts);
    if (run.plan.followers.length > 0)
      for (const range of ranges) this.#work.push({ kind: "follow", upstream: run, range });
    if (counts.successful + counts.failed > 0 && run.children.allEnded) this.#finished(run.plan);
  }

  #change(plan: NodePlan, state: NodeState): void {
    const { id } = plan.node;
    if (isNodeFinished(stateOf(this.#states, id)))
      throw new CloudburstError("engine_bug", `node ${String(id)} ended twice`);
    this.#states[id] = state;
    if (state.kind === "Running" || state.kind === "Retrying") return;
    for (const follower of plan.followers) this.#arrived(follower);
    if (isNodeFinished(state)) this.#finished(plan);
  }

  #finished(plan: NodePlan): void {
    const state = stateOf(this.#states, plan.node.id);
    this.#run.emit({ type: "task-finished", slug: plan.node.slug, kind: state.kind, message: state.message });
    for (const dependent of plan.dependents) this.#arrived(dependent);
    this.#unfinished -= 1;
    if (this.#unfinished === 0) this.#end();
  }

  /** One upstream less to wait for. */
  #arrived(id: number): void {
    const awaited = (this.#awaited[id] ?? 0) - 1;
    this.#awaited[id] = awaited;
    const plan = this.#plans[id];
    if (awaited === 0 && plan?.node.kind === "task") this.#work.push({ kind: "consider", plan, node: plan.node });
  }

  #step(plan: NodePlan, node: TaskNode, columnOf?: Parameters<typeof resolveInput>[2]): Step {
    return {
      task: node.task,
      slug: node.slug,
      order: node.id,
      inputs: node.inputs.map((input) => resolveInput(input, this.#states, columnOf)),
      wantsLengths: plan.wantsLengths,
      ...stepOptions(node, this.#run.calls),
    };
  }

  #tellSettled(node: GraphNode, { successful, failed }: SettledCounts): void {
    if (successful + failed > 0) this.#run.emit({ type: "calls-settled", slug: node.slug, successful, failed });
  }
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
