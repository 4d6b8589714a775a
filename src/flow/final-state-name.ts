import type { Outcome } from "../executors/executor.ts";
import { isSignal, type SignalKind } from "./signals.ts";

const ofSignal: Readonly<Record<SignalKind, string>> = {
  SKIP: "Skipped",
  FAIL: "Failed",
  SUCCESS: "Success",
  RETRY: "Retrying",
  LOOP: "Looped",
  PAUSE: "Paused",
  TRIGGERFAIL: "TriggerFailed",
  VALIDATIONFAIL: "ValidationFailed",
};

/** Prefect's name for the state in which an attempt ends; whether another one follows only the driver knows. */
export function finalStateOf(outcome: Outcome): string {
  if (outcome.kind === "success") return "Success";
  const { error } = outcome;
  if (isSignal(error)) return ofSignal[error.cloudburstSignal];
  return Reflect.get(error, "code") === "timed_out" ? "TimedOut" : "Failed";
}
