/** How a node of the graph stands while the run goes on. What users see of it is made in `state-view.ts`. */
import { type CallCode, codeOfKind } from "./call-code.ts";
import { type CallProgress, isEnding } from "./call-state.ts";
import type { ChildStates } from "./child-states.ts";
import { message as messages } from "./messages.ts";

export type NodeState =
  | CallProgress
  | { readonly kind: "Mapped"; readonly message: string; readonly children: ChildStates; readonly attempts: 0 };

export const pendingNode: CallProgress = { kind: "Pending", message: messages.pending, attempts: 0 };

export function runningNode(attempts: number): CallProgress {
  return { kind: "Running", message: messages.running, attempts };
}

export function cancelledNode(attempts: number): CallProgress {
  return { kind: "Cancelled", message: messages.cancelled, attempts };
}

export function succeededNode(value: unknown, attempts = 0): CallProgress {
  return { kind: "Success", message: messages.success, value, attempts };
}

/** The states of all nodes, by id. */
export type NodeStates = readonly NodeState[];

export function stateOf(states: NodeStates, node: number): NodeState {
  return states[node] ?? pendingNode;
}

/** Nothing more will happen to the node; a mapped one is finished when its children are. */
export function isNodeFinished(state: NodeState): boolean {
  return state.kind === "Mapped" ? state.children.allEnded : isEnding(state);
}

export function codeOf(state: Exclude<NodeState, { kind: "Mapped" }>): CallCode {
  return codeOfKind(state.kind);
}
