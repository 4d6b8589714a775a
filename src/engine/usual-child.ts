/** What holds for children of whom nothing is kept but their kind. */
import { CloudburstError } from "../base/errors.ts";
import { callCode, type CallCode, type ChildKind } from "./call-code.ts";
import { type CallState, failing } from "./call-state.ts";
import { message } from "./messages.ts";

/** How often the body of a child was begun, where nothing else is known of it. */
export const usualAttempts: Readonly<Record<CallCode, number>> = {
  [callCode.pending]: 0,
  [callCode.running]: 1,
  [callCode.success]: 1,
  [callCode.skipped]: 0,
  [callCode.failed]: 1,
  [callCode.triggerFailed]: 0,
  [callCode.cancelled]: 1,
  [callCode.retrying]: 1,
  [callCode.paused]: 0,
  [callCode.cached]: 0,
  [callCode.timedOut]: 1,
  [callCode.validationFailed]: 1,
};

/** Never met: who failed or was skipped has an ending, of its own or shared. */
const unexplained = failing("Failed", "", new CloudburstError("engine_bug", "a child ended without an ending"));

/** What children are of whom no more is known than their kind. */
export const usualState: Readonly<Record<Exclude<ChildKind, "Retrying">, CallState>> = {
  Pending: { kind: "Pending", message: message.pending },
  Running: { kind: "Running", message: message.running },
  Paused: { kind: "Paused", message: message.paused },
  Success: { kind: "Success", message: message.success, value: undefined },
  Cached: { kind: "Cached", message: message.success, value: undefined },
  Cancelled: { kind: "Cancelled", message: message.cancelled },
  Skipped: unexplained,
  Failed: unexplained,
  TimedOut: unexplained,
  TriggerFailed: unexplained,
  ValidationFailed: unexplained,
};
