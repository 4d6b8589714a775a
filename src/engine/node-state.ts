/** How a node of the graph stands while the run goes on. What users see of it is made in `state-view.ts`. */
import type { TaskNode } from "../flow/graph.ts";
import { callCode, type CallCode } from "./call-code.ts";
import type { ChildStates } from "./child-states.ts";
import { message as messages, retryingMessage, skippedMessage } from "./messages.ts";

export type NodeState =
  | { readonly kind: "Pending"; readonly message: string }
  | { readonly kind: "Running"; readonly message: string }
  /** `value` is a `RemoteValue` while its executor keeps it elsewhere. */
  | { readonly kind: "Retrying"; readonly message: string; readonly attempts: number }
  | { readonly kind: "Success"; readonly message: string; readonly value: unknown; readonly attempts: number }
  | { readonly kind: "Mapped"; readonly message: string; readonly children: ChildStates }
  | { readonly kind: "Skipped"; readonly message: string }
  | { readonly kind: "Failed"; readonly message: string; readonly error: Error; readonly attempts: number }
  | { readonly kind: "TriggerFailed"; readonly message: string; readonly error: Error }
  | { readonly kind: "Cancelled"; readonly message: string };

export const pendingNode: NodeState = { kind: "Pending", message: messages.pending };
export const runningNode: NodeState = { kind: "Running", message: messages.running };
export const cancelledNode: NodeState = { kind: "Cancelled", message: messages.cancelled };

export function succeededNode(value: unknown, attempts = 0): NodeState {
  return { kind: "Success", message: messages.success, value, attempts };
}

export function skippedNode(node: TaskNode): NodeState {
  return { kind: "Skipped", message: skippedMessage(node) };
}

export function failedNode(message: string, error: Error, attempts = 0): NodeState {
  return { kind: "Failed", message, error, attempts };
}

/** `attempts` were made, and another one will be. */
export function retryingNode(attempts: number, maxRetries: number): NodeState {
  return { kind: "Retrying", message: retryingMessage(attempts, maxRetries), attempts };
}

/** The states of all nodes, by id. */
export type NodeStates = readonly NodeState[];

export function stateOf(states: NodeStates, node: number): NodeState {
  return states[node] ?? pendingNode;
}

/** Nothing more will happen to the node; a mapped one is finished when its children are. */
export function isNodeFinished(state: NodeState): boolean {
  if (state.kind === "Mapped") return state.children.allEnded;
  return state.kind !== "Pending" && state.kind !== "Running" && state.kind !== "Retrying";
}

const codes: Readonly<Record<Exclude<NodeState["kind"], "Mapped">, CallCode>> = {
  Pending: callCode.pending,
  Running: callCode.running,
  Retrying: callCode.retrying,
  Success: callCode.success,
  Skipped: callCode.skipped,
  Failed: callCode.failed,
  TriggerFailed: callCode.triggerFailed,
  Cancelled: callCode.cancelled,
};

export function codeOf(state: Exclude<NodeState, { kind: "Mapped" }>): CallCode {
  return codes[state.kind];
}
