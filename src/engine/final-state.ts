/** How a run ended, told from the states of its reference tasks. */
import { toError } from "../base/errors.ts";
import type { Graph } from "../flow/graph.ts";
import type { FlowState } from "../flow/flow-state.ts";
import { callCode, hasFailed } from "./call-code.ts";
import type { ChildStates } from "./child-states.ts";
import { flowPausedMessage, message, unexpectedMessage } from "./messages.ts";
import { isFailing } from "./call-state.ts";
import { codeOf, type NodeState, type NodeStates, stateOf } from "./node-state.ts";
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

/** Nothing more can be done until somebody lets the paused tasks go on. */
export function pausedState(graph: Graph, states: NodeStates): FinalState {
  const paused = graph.nodes.filter(({ id }) => isPausedIn(stateOf(states, id)));
  return { kind: "Paused", message: flowPausedMessage(paused.map(({ slug }) => slug)), error: undefined };
}

function isPausedIn(state: NodeState): boolean {
  return state.kind === "Mapped" ? state.children.count(callCode.paused) > 0 : state.kind === "Paused";
}

/** The tasks have finished, but the executor could not bring home what they returned. */
export function notBroughtHome(cause: Error): FinalState {
  return { kind: "Failed", message: unexpectedMessage(cause), error: cause };
}

/** The executor could not start: no task was run. */
export function notStarted(cause: Error): FinalState {
  return { kind: "Failed", message: unexpectedMessage(cause), error: cause };
}

/** The error to show: that of the first task that failed itself, else of the first that its trigger kept from running. */
function firstError(states: NodeStates): Error | undefined {
  return firstOf(states, failedItself) ?? firstOf(states, hasFailed);
}

type CodeTest = (code: number) => boolean;

const failedItself: CodeTest = (code) => hasFailed(code) && code !== callCode.triggerFailed;

function firstOf(states: NodeStates, test: CodeTest): Error | undefined {
  for (const state of states) {
    const error = errorIn(state, test);
    if (error !== undefined) return error;
  }
  return undefined;
}

function errorIn(state: NodeState, test: CodeTest): Error | undefined {
  if (state.kind === "Mapped") return childError(state.children, test);
  return isFailing(state) && test(codeOf(state)) ? state.error : undefined;
}

function childError(children: ChildStates, test: CodeTest): Error | undefined {
  if (!Object.values(callCode).some((code) => test(code) && children.count(code) > 0)) return undefined;
  for (let index = 0; index < children.width; index += 1) {
    if (test(children.codeAt(index))) return children.errorAt(index);
  }
  return undefined;
}
