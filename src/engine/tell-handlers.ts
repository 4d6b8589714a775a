/**
 * Tells a task's handlers of a change of state, one after the other; each may put another state in the new one's place.
 *
 * - H1 A handler that throws ends the change, and the task run: as failed, or as its signal says. It is not retried.
 * - H2 A handler sees results as values: what the executor keeps elsewhere comes home first. Left as it is, it stays there.
 */
import { toError } from "../base/errors.ts";
import { type Executor, RemoteValue } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import { isSignal } from "../flow/signals.ts";
import { isFailed, type State, type StateChange } from "../flow/state.ts";
import type { TaskRun } from "../flow/task-run.ts";
import { signalState } from "./attempt-end.ts";
import type { RunCalls } from "./calls.ts";
import { breaking, type CallProgress, type CallState, failing } from "./call-state.ts";
import { handlerErrorMessage } from "./messages.ts";
import { type NodeState, pendingNode } from "./node-state.ts";
import { retryPolicyOf, type RetryWorld } from "./retries.ts";
import { callStateOf } from "./state-from-user.ts";
import { viewChildState, viewState } from "./state-view.ts";

export interface ToldWorld extends Pick<RetryWorld, "retry"> {
  readonly calls: RunCalls;
  readonly executor: Executor;
  readonly clock: { now(): number };
  readonly listener: { historyOf(id: number): readonly StateChange[] };
}

export interface Change {
  readonly node: TaskNode;
  /** Which child; undefined for a plain task. */
  readonly index: number | undefined;
  readonly from: CallProgress;
  readonly to: CallProgress;
}

interface AnyChange extends Omit<Change, "to"> {
  readonly to: NodeState;
}

/** Its calls are looked at one by one: their changes are told, or their results kept. Such calls are never fused. */
export function isWatched({ handlers, keeping }: TaskNode): boolean {
  return handlers !== undefined || keeping !== undefined;
}

export interface Told {
  readonly state: CallState;
  /** A handler has thrown: the call is not made again, whatever its options say. */
  readonly isFinal: boolean;
}

export async function tellHandlers(change: Change, world: ToldWorld): Promise<Told> {
  const { state, isFinal } = await tell(change, world);
  return { state: state ?? change.to, isFinal };
}

/** The same for the parent of children, which have changes of their own. Another state than `Mapped` leaves it without. */
export async function tellMapped(node: TaskNode, to: NodeState, world: ToldWorld): Promise<NodeState> {
  const { state } = await tell({ node, index: undefined, from: pendingNode, to }, world);
  return state === undefined ? to : { ...state, attempts: 0 };
}

/** No state where the new one stays as it is. */
async function tell(change: AnyChange, world: ToldWorld): Promise<{ state?: CallState; isFinal: boolean }> {
  const { node, index, from, to } = change;
  if (node.handlers === undefined) return { isFinal: false };
  const { stateHandlers, onFailure } = node.handlers;
  const task = taskRunOf(node, index, world.calls.facts.runId);
  const view = (state: NodeState): State =>
    index === undefined || state.kind === "Mapped"
      ? viewState(state, world.listener.historyOf(node.id))
      : viewChildState(state, retryPolicyOf(node, world)?.maxRetries);
  try {
    const given = view(await atHand(to, world.executor));
    let now = given;
    for (const handle of stateHandlers) now = (await handle(task, view(from), now)) ?? now;
    if (isFailed(now)) await onFailure?.(task, now);
    return now === given ? { isFinal: false } : { state: callStateOf(now, to.kind), isFinal: false };
  } catch (thrown) {
    return { state: stateOfThrown(toError(thrown), world), isFinal: true };
  }
}

/** H1 */
function stateOfThrown(error: Error, { clock }: ToldWorld): CallState {
  if (isSignal(error)) return signalState(error, clock.now());
  return failing("Failed", handlerErrorMessage(error), error);
}

/** H2 */
async function atHand(state: NodeState, executor: Executor): Promise<NodeState> {
  if (state.kind !== "Success" && state.kind !== "Cached") return state;
  if (!(state.value instanceof RemoteValue)) return state;
  try {
    const [value] = await executor.wait([state.value]);
    return { ...state, value };
  } catch (thrown) {
    return { ...breaking(toError(thrown)), attempts: state.attempts };
  }
}

export function taskRunOf({ name, slug, tags = [] }: TaskNode, mapIndex: number | undefined, runId: string): TaskRun {
  const label = mapIndex === undefined ? name : `${name}[${String(mapIndex)}]`;
  return { name: label, slug, mapIndex, tags, runId };
}
