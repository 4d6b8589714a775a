/** How a run ended, told from the states of its reference tasks. */
import { toError } from "../base/errors.ts";
import type { Graph } from "../flow/graph.ts";
import type { FlowState } from "../flow/state.ts";
import { callCode } from "./call-code.ts";
import type { ChildStates } from "./child-states.ts";
import { message, unexpectedMessage } from "./messages.ts";
import { type NodeState, type NodeStates, stateOf } from "./node-state.ts";
import { addNode, noCounts } from "./upstream-counts.ts";

export interface FinalState {
  readonly kind: FlowState["kind"];
  readonly message: string;
  readonly error: Error | undefined;
}

/** A mapped reference task counts by its children, not by itself. */
export function finalState(graph: Graph, states: NodeStates): FinalState {
  const counts = noCounts();
  for (const node of graph.referenceNodes) addNode(counts, stateOf(states, node));
  if (counts.failed > 0) return { kind: "Failed", message: message.someReferencesFailed, error: firstError(states) };
  const text = counts.successful === counts.total ? message.allReferencesSucceeded : message.noReferenceFailed;
  return { kind: "Success", message: text, error: undefined };
}

/** The run was aborted before all tasks had finished. */
export function cancelledState(signal: AbortSignal): FinalState {
  return { kind: "Cancelled", message: message.flowCancelled, error: toError(signal.reason) };
}

/** The tasks have finished, but the executor could not bring home what they returned. */
export function notBroughtHome(cause: Error): FinalState {
  return { kind: "Failed", message: unexpectedMessage(cause), error: cause };
}

/** The error to show: that of the first task that failed itself, else of the first that its trigger kept from running. */
function firstError(states: NodeStates): Error | undefined {
  return firstOf("Failed", states) ?? firstOf("TriggerFailed", states);
}

type FailedKind = "Failed" | "TriggerFailed";

function firstOf(kind: FailedKind, states: NodeStates): Error | undefined {
  for (const state of states) {
    const error = errorIn(kind, state);
    if (error !== undefined) return error;
  }
  return undefined;
}

function errorIn(kind: FailedKind, state: NodeState): Error | undefined {
  if (state.kind === "Mapped") return childError(kind, state.children);
  return state.kind === kind ? state.error : undefined;
}

function childError(kind: FailedKind, children: ChildStates): Error | undefined {
  const code = kind === "Failed" ? callCode.failed : callCode.triggerFailed;
  if (children.count(code) === 0) return undefined;
  for (let index = 0; index < children.width; index += 1) {
    if (children.codeAt(index) === code) return children.errorAt(index);
  }
  return undefined;
}
