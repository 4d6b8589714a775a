/** What states say, in Prefect's words: users search for them. */
import type { TaskNode } from "../flow/graph.ts";

export const message = {
  pending: "Task not run.",
  running: "Starting task run.",
  success: "Task run succeeded.",
  mapped: "Ready to proceed with mapping.",
  cancelled: "Task run is cancelled.",
  noMappable: "No upstream states can be mapped over.",
  unmappable: "At least one upstream state has an unmappable result.",
  allReferencesSucceeded: "All reference tasks succeeded.",
  someReferencesFailed: "Some reference tasks failed.",
  noReferenceFailed: "No reference tasks failed.",
  flowCancelled: "Flow run is cancelled.",
} as const;

/** The task was skipped because of its upstreams, or by its trigger where it does not skip with them. */
export function skippedMessage({ trigger, skipOnUpstreamSkip }: TaskNode): string {
  return trigger.skips !== undefined && !skipOnUpstreamSkip
    ? (trigger.skipMessage ?? `Trigger was "${trigger.name}" but all of the upstream tasks were skipped.`)
    : "Upstream task was skipped; if this was not the intended behavior, " +
        "consider changing `skipOnUpstreamSkip: false` for this task.";
}

/** A task's body threw. */
export function failedMessage(error: Error): string {
  return `Error during execution of task: ${error.name}: ${error.message}`;
}

/** As Prefect counts: the attempt that failed, of all that there may be. */
export function retryingMessage(attempt: number, maxRetries: number): string {
  return `Retrying Task (after attempt ${String(attempt)} of ${String(maxRetries + 1)})`;
}

/** Something other than a task's body failed: the executor, or the way to it. */
export function unexpectedMessage(error: Error): string {
  return `Unexpected error: ${error.name}: ${error.message}`;
}

export function triggerErrorMessage(error: Error): string {
  return `Unexpected error while checking task trigger: ${error.name}: ${error.message}`;
}
