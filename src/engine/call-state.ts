/** How a call stands, and how it may end. */
import type { TaskNode } from "../flow/graph.ts";
import { TriggerFailedError } from "../flow/trigger-failed-error.ts";
import { skippedMessage, unexpectedMessage } from "./messages.ts";

export type FailedKind = "Failed" | "TimedOut" | "TriggerFailed" | "ValidationFailed";

/** How a call ended. Calls that ended the same way may share one. */
export type Ending =
  /** `value` is a `RemoteValue` while its executor keeps it elsewhere. */
  | { readonly kind: "Success" | "Cached"; readonly message: string; readonly value: unknown }
  | { readonly kind: "Skipped"; readonly message: string; readonly value: unknown }
  /** `value` stands for the result. */
  | { readonly kind: FailedKind; readonly message: string; readonly error: Error; readonly value: unknown }
  | { readonly kind: "Cancelled"; readonly message: string };

/** What a call waits for between two attempts, or before the first. */
export type Waiting =
  | { readonly kind: "Retrying"; readonly message: string; readonly dueMs: number }
  | { readonly kind: "Paused"; readonly message: string };

export type CallState = { readonly kind: "Pending" | "Running"; readonly message: string } | Waiting | Ending;

/** A call as it stands, with what is known of how it came there. */
export type CallProgress = CallState & {
  /** How often the body was begun. */
  readonly attempts: number;
};

/** How the calls of a node usually end that are not run: they share these. */
export interface Refusals {
  readonly skipped: Ending;
  readonly triggerFailed: Ending;
}

/** The task's body did not run, because of its upstreams. */
function skipping(node: TaskNode): Ending {
  return { kind: "Skipped", message: skippedMessage(node), value: null };
}

export function failing(kind: FailedKind, message: string, error: Error, value: unknown = error): Ending {
  return { kind, message, error, value };
}

/** The task's trigger was not met. */
function refusing(node: TaskNode): Ending {
  const { message } = node.trigger;
  return failing("TriggerFailed", message, new TriggerFailedError(node.name, message));
}

/** Something other than the task itself failed. */
export function breaking(error: Error): Ending {
  return failing("Failed", unexpectedMessage(error), error);
}

export function isEnding(state: CallState): state is Ending {
  return !["Pending", "Running", "Retrying", "Paused"].includes(state.kind);
}

export function isFailing(state: CallState): state is Extract<Ending, { readonly kind: FailedKind }> {
  return "error" in state;
}

/** What stands for the result of a call that ended. */
export function endingValue(ending: Ending | undefined): unknown {
  return ending === undefined || ending.kind === "Cancelled" ? undefined : ending.value;
}

export function refusalsOf(node: TaskNode): Refusals {
  return { skipped: skipping(node), triggerFailed: refusing(node) };
}
