/** The final state of a run, as `flow.run()` gives it. */
import { InvalidOptionError } from "../base/errors.ts";
import type { ClusterReport } from "../executors/executor.ts";
import type { Graph } from "../flow/graph.ts";
import type { FlowState, NodeRef } from "../flow/flow-state.ts";
import type { State, StateChange } from "../flow/state.ts";
import type { FinalState } from "./final-state.ts";
import { homeValue, resultAtHand } from "./home-values.ts";
import { type NodeState, type NodeStates, stateOf } from "./node-state.ts";
import { viewState } from "./state-view.ts";

export interface FlowResultParts {
  readonly graph: Graph;
  readonly states: NodeStates;
  readonly historyOf: (node: number) => readonly StateChange[];
  readonly final: FinalState;
  readonly runId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly report: ClusterReport | undefined;
}

/** `R` is what the builder returned, with handles replaced by values; only the flow that asks can know it. */
export class FlowResult<R> implements FlowState<R> {
  readonly kind: FlowState["kind"];
  readonly message: string;
  readonly error: Error | undefined;
  readonly runId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly elapsedMs: number;
  readonly report: ClusterReport | undefined;
  readonly #graph: Graph;
  readonly #states: NodeStates;
  readonly #historyOf: FlowResultParts["historyOf"];
  #result: { readonly value: unknown } | undefined;

  constructor({ graph, states, historyOf, final, startedAtMs, endedAtMs, ...parts }: FlowResultParts) {
    this.kind = final.kind;
    this.message = final.message;
    this.error = final.error;
    this.runId = parts.runId;
    this.parameters = parts.parameters;
    this.startedAt = new Date(startedAtMs);
    this.endedAt = new Date(endedAtMs);
    this.elapsedMs = endedAtMs - startedAtMs;
    this.report = parts.report;
    this.#graph = graph;
    this.#states = states;
    this.#historyOf = historyOf;
  }

  /** Made when first asked for: the list of a million results is not copied for who only looks at the kind. */
  get result(): R {
    // Remote values are left only where the run was cancelled or could not bring them home.
    const valueOf = (state: NodeState): unknown => (resultAtHand(state) ?? { value: this.error }).value;
    this.#result ??= { value: homeValue(this.#graph.output, this.#states, valueOf) };
    return this.#result.value as R; // the border between the graph, which knows no types, and the flow, which does
  }

  of(handle: NodeRef): State {
    const id = "nodeIn" in handle ? handle.nodeIn(this.#graph) : handle.node;
    const node = id === undefined ? undefined : this.#graph.nodes[id];
    if (node !== undefined) return viewState(stateOf(this.#states, node.id), this.#historyOf(node.id));
    throw new InvalidOptionError(
      `state.of needs a handle of flow "${this.#graph.flowName}", ` +
        (id === undefined ? "got one of another flow" : `got one of node ${String(id)}, which it has not`),
    );
  }
}
