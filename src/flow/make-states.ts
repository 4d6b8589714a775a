/** States for handlers to return. */
import { toError } from "../base/errors.ts";
import type {
  FailedState,
  PausedState,
  RetryingState,
  SkippedState,
  SuccessState,
  TriggerFailedState,
} from "./state.ts";

const made = { attempts: 0, history: [], error: undefined } as const;

/** Success with `value` as the result, which is what follows gets. */
export function success(value?: unknown, message = "Task run succeeded."): SuccessState {
  return { ...made, kind: "Success", message, result: value };
}

/** Failure; `result` is what stands for the task where its result is used. @default the error */
export function failed(reason: Error | string, options: { readonly result?: unknown } = {}): FailedState {
  return { ...failure(reason, options), kind: "Failed" };
}

/** Failure as of a trigger that was not met: it is not retried. */
export function triggerFailed(reason: Error | string, options: { readonly result?: unknown } = {}): TriggerFailedState {
  return { ...failure(reason, options), kind: "TriggerFailed" };
}

/** What follows is skipped as well, unless it has `skipOnUpstreamSkip: false`; that gets `result`. */
export function skipped(
  message = "Task was skipped.",
  { result = null }: { readonly result?: unknown } = {},
): SkippedState {
  return { ...made, kind: "Skipped", message, result };
}

/** Another attempt, however many there were. @param startTime when it is due; now, unless given */
export function retrying(startTime?: Date, message = "Retrying Task"): RetryingState {
  return { ...made, kind: "Retrying", message, result: undefined, startTime };
}

/** Waits for somebody's word: see `onPause` of `flow.run`. */
export function paused(message = "Task run is paused."): PausedState {
  return { ...made, kind: "Paused", message, result: undefined };
}

function failure(reason: Error | string, options: { readonly result?: unknown }): Omit<FailedState, "kind"> {
  const error = toError(reason);
  const { message } = error;
  return { ...made, message, error, result: "result" in options ? options.result : error };
}
