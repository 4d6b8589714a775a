/** What users may have called when the state of a run changes. */
import { checkHandler, checkHandlers, type Replaced } from "./handlers.ts";
import type { State } from "./state.ts";

/** How a run stands, as its flow's handlers see it. */
export interface RunState {
  readonly kind: "Scheduled" | "Pending" | "Running" | "Success" | "Failed" | "Cancelled" | "Paused";
  readonly message: string;
  readonly error: Error | undefined;
}

/** A run of a flow, as its handlers know it. */
export interface FlowRun {
  readonly name: string;
  readonly runId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a handler may put in a run's state's place: made by `success`, `failed`, or a state that it was given. */
export type ReplacedRunState = Replaced<
  Pick<RunState, "message"> & { readonly kind: string; readonly error?: Error | undefined }
>;

export type FlowStateHandler = (
  flow: FlowRun,
  oldState: RunState,
  newState: RunState,
) => ReplacedRunState | Promise<ReplacedRunState>;

export type FlowFailureHandler = (flow: FlowRun, state: RunState) => unknown;

export type TerminalStateHandler = (
  flow: FlowRun,
  state: RunState,
  referenceTaskStates: readonly State[],
) => ReplacedRunState | Promise<ReplacedRunState>;

export interface FlowHandlerOptions {
  /**
   * Called in their order when the run begins (`Scheduled` to `Running`) and when it ends; each may return another state
   * for the new one's place. One that throws fails the run.
   */
  readonly stateHandlers?: readonly FlowStateHandler[] | undefined;
  /** Called, after `stateHandlers`, when the run has failed. */
  readonly onFailure?: FlowFailureHandler | undefined;
  /** Called first when the run ends, with the states of the reference tasks; may return another final state. */
  readonly terminalStateHandler?: TerminalStateHandler | undefined;
}

export const FLOW_HANDLER_OPTIONS = [
  "stateHandlers",
  "onFailure",
  "terminalStateHandler",
] as const satisfies readonly (keyof FlowHandlerOptions)[];

/** Checked. */
export interface FlowHandlers {
  readonly stateHandlers: readonly FlowStateHandler[];
  readonly onFailure: FlowFailureHandler | undefined;
  readonly terminalStateHandler: TerminalStateHandler | undefined;
}

/** @throws {InvalidOptionError} for what are no functions. */
export function resolveFlowHandlers(owner: string, given: FlowHandlerOptions): FlowHandlers {
  const { stateHandlers = [], onFailure, terminalStateHandler } = given;
  checkHandlers(owner, "stateHandlers", stateHandlers);
  checkHandler(owner, "onFailure", onFailure);
  checkHandler(owner, "terminalStateHandler", terminalStateHandler);
  return { stateHandlers, onFailure, terminalStateHandler };
}
