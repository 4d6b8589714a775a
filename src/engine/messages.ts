/** What states say, in Prefect's words: users search for them. */
import type { TaskNode } from "../flow/graph.ts";
import type { SignalKind } from "../flow/signals.ts";

export const message = {
  pending: "Task not run.",
  running: "Starting task run.",
  success: "Task run succeeded.",
  mapped: "Ready to proceed with mapping.",
  cancelled: "Task run is cancelled.",
  timedOut: "Task timed out during execution.",
  paused: "Task run is paused.",
  noMappable: "No upstream states can be mapped over.",
  unmappable: "At least one upstream state has an unmappable result.",
  allReferencesSucceeded: "All reference tasks succeeded.",
  someReferencesFailed: "Some reference tasks failed.",
  noReferenceFailed: "No reference tasks failed.",
  flowRunning: "Running flow.",
  flowScheduled: "Flow run scheduled.",
  flowCancelled: "Flow run is cancelled.",
} as const;

/** The task was skipped because of its upstreams, or by its trigger where it does not skip with them. */
export function skippedMessage({ trigger, skipOnUpstreamSkip }: TaskNode): string {
  return trigger.skips !== undefined && !skipOnUpstreamSkip
    ? `Trigger was "${trigger.name}" but all of the upstream tasks were skipped.`
    : "Upstream task was skipped; if this was not the intended behavior, " +
        "consider changing `skipOnUpstreamSkip: false` for this task.";
}

/** A task's body threw. */
export function failedMessage(error: Error): string {
  return `Error during execution of task: ${error.name}: ${error.message}`;
}

/** A signal without a message of its own. */
export function signalMessage(kind: SignalKind): string {
  return `${kind} signal raised.`;
}

/** As Prefect counts: the attempt that failed, of all that there may be, where that is known. */
export function retryingMessage(attempt: number, maxRetries: number | undefined): string {
  const of = maxRetries === undefined || attempt > maxRetries + 1 ? "" : ` of ${String(maxRetries + 1)}`;
  return `Retrying Task (after attempt ${String(attempt)}${of})`;
}

/** Something other than a task's body failed: the executor, or the way to it. */
export function unexpectedMessage(error: Error): string {
  return `Unexpected error: ${error.name}: ${error.message}`;
}

export function handlerErrorMessage(error: Error): string {
  return `Unexpected error while calling state handlers: ${error.name}: ${error.message}`;
}

/** The run can do no more until somebody lets these tasks go on. */
export function flowPausedMessage(slugs: readonly string[]): string {
  const some = slugs.slice(0, 5).join(", ") + (slugs.length > 5 ? ", …" : "");
  return `Some tasks are paused: ${some}. Run the flow with onPause, which is asked whether they may go on.`;
}

export function triggerErrorMessage(error: Error): string {
  return `Unexpected error while checking task trigger: ${error.name}: ${error.message}`;
}
