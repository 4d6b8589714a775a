/** Tells a flow's handlers how its run stands; each may put another state in the new one's place. */
import { CloudburstError, toError } from "../base/errors.ts";
import type { FlowHandlers, FlowRun, ReplacedRunState, RunState } from "../flow/flow-handlers.ts";
import { preview } from "../flow/preview.ts";
import { isSignal } from "../flow/signals.ts";
import type { State } from "../flow/state.ts";
import { signalState } from "./attempt-end.ts";
import { isFailing } from "./call-state.ts";
import type { FinalState } from "./final-state.ts";
import { handlerErrorMessage, message, unexpectedMessage } from "./messages.ts";

const scheduled: RunState = { kind: "Scheduled", message: message.flowScheduled, error: undefined };
const running: RunState = { kind: "Running", message: message.flowRunning, error: undefined };

/** The state in which a handler has ended the run before it began; undefined to go on. */
export async function tellBegin(flow: FlowRun, handlers: FlowHandlers | undefined): Promise<FinalState | undefined> {
  if (handlers === undefined) return undefined;
  const told = await tellRun(flow, handlers, scheduled, running);
  return told.kind === "Running" ? undefined : finalOf(told);
}

/** `references`: the states of the reference tasks. */
export async function tellEnd(
  flow: FlowRun,
  handlers: FlowHandlers | undefined,
  final: FinalState,
  references: () => readonly State[],
): Promise<FinalState> {
  if (handlers === undefined) return final;
  const decided = await decideEnd(flow, handlers, final, references);
  return finalOf(await tellRun(flow, handlers, running, decided));
}

async function decideEnd(
  flow: FlowRun,
  { terminalStateHandler }: FlowHandlers,
  final: FinalState,
  references: () => readonly State[],
): Promise<RunState> {
  if (terminalStateHandler === undefined) return final;
  try {
    return replaced(await terminalStateHandler(flow, final, references()), final);
  } catch (thrown) {
    const error = toError(thrown);
    return { kind: "Failed", message: unexpectedMessage(error), error };
  }
}

async function tellRun(flow: FlowRun, handlers: FlowHandlers, from: RunState, to: RunState): Promise<RunState> {
  let now = to;
  try {
    for (const handle of handlers.stateHandlers) now = replaced(await handle(flow, from, now), now);
    if (now.kind === "Failed") await handlers.onFailure?.(flow, now);
    return now;
  } catch (thrown) {
    return stateOfThrown(toError(thrown));
  }
}

function stateOfThrown(thrown: Error): RunState {
  if (isSignal(thrown)) {
    const state = signalState(thrown, 0);
    if (isFailing(state)) return { kind: "Failed", message: state.message, error: thrown };
    if (state.kind === "Success" || state.kind === "Skipped")
      return { kind: "Success", message: state.message, error: undefined };
  }
  return { kind: "Failed", message: handlerErrorMessage(thrown), error: thrown };
}

function replaced(given: ReplacedRunState, now: RunState): RunState {
  if (given === undefined || given === now) return now;
  const { kind, message: text, error } = given;
  if (
    kind === "Success" ||
    kind === "Cancelled" ||
    kind === "Paused" ||
    (kind === "Running" && now.kind === "Running")
  ) {
    return { kind, message: text, error: undefined };
  }
  if (kind === "Failed") return { kind, message: text, error: error ?? new CloudburstError("flow_failed", text) };
  throw new CloudburstError(
    "bad_state",
    `a flow's handler returned ${preview(kind)}: return success() or failed(error)`,
  );
}

function finalOf({ kind, message: text, error }: RunState): FinalState {
  if (kind === "Success" || kind === "Failed" || kind === "Cancelled" || kind === "Paused")
    return { kind, message: text, error };
  const bad = new CloudburstError("bad_state", `a run cannot end as ${kind}`);
  return { kind: "Failed", message: handlerErrorMessage(bad), error: bad };
}
