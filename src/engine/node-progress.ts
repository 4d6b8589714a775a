/** How the nodes of a graph stand, and who waits for whom. */
import type { Clock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import type { GraphNode, TaskNode } from "../flow/graph.ts";
import type { StateChange } from "../flow/state.ts";
import { Histories } from "./histories.ts";
import { cancelledNode, isNodeFinished, type NodeState, pendingNode, stateOf } from "./node-state.ts";
import { awaitedUpstreams, type NodePlan } from "./plan.ts";

export interface ProgressListener {
  /** The node waits for no upstream any more. */
  due(plan: NodePlan, node: TaskNode): void;
  finished(node: GraphNode, state: NodeState): void;
  allFinished(): void;
}

export class NodeProgress {
  readonly states: NodeState[];
  readonly #plans: readonly NodePlan[];
  readonly #listener: ProgressListener;
  readonly #histories: Histories;
  /** For each node, how many upstreams it still waits for before it is considered. */
  readonly #awaited: Int32Array;
  #unfinished: number;

  constructor(plans: readonly NodePlan[], clock: Clock, listener: ProgressListener) {
    this.#plans = plans;
    this.#listener = listener;
    this.states = plans.map(() => pendingNode);
    this.#histories = new Histories(clock, plans.length);
    this.#awaited = Int32Array.from(plans, awaitedUpstreams);
    this.#unfinished = plans.length;
  }

  get isFinished(): boolean {
    return this.#unfinished === 0;
  }

  historyOf(id: number): readonly StateChange[] {
    return this.#histories.of(id);
  }

  awaitsNobody(id: number): boolean {
    return this.#awaited[id] === 0;
  }

  /** S3 */
  change(plan: NodePlan, state: NodeState): void {
    const { id } = plan.node;
    if (isNodeFinished(stateOf(this.states, id)))
      throw new CloudburstError("engine_bug", `node ${String(id)} ended twice`);
    this.#put(id, state);
    if (state.kind !== "Mapped" && !isNodeFinished(state)) return;
    for (const follower of plan.followers) this.#arrived(follower);
    if (isNodeFinished(state)) this.finish(plan);
  }

  /** A node has ended: by its own state, or by that of its last child. */
  finish({ node, dependents }: NodePlan): void {
    this.#listener.finished(node, stateOf(this.states, node.id));
    for (const dependent of dependents) this.#arrived(dependent);
    this.#unfinished -= 1;
    if (this.isFinished) this.#listener.allFinished();
  }

  /** What has begun, and not ended, never will. */
  cancelBegun(): void {
    for (const [id, state] of this.states.entries()) {
      if (state.kind === "Mapped") state.children.cancelUnended();
      else if (state.kind !== "Pending" && !isNodeFinished(state)) this.#put(id, cancelledNode(state.attempts));
    }
  }

  #put(id: number, state: NodeState): void {
    this.states[id] = state;
    this.#histories.note(id, state);
  }

  /** One upstream less to wait for. */
  #arrived(id: number): void {
    const awaited = (this.#awaited[id] ?? 0) - 1;
    this.#awaited[id] = awaited;
    const plan = this.#plans[id];
    if (awaited === 0 && plan?.node.kind === "task") this.#listener.due(plan, plan.node);
  }
}
