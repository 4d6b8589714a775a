/** What the end of an attempt makes of a call: Prefect's rules for results, errors and signals. */
import type { TaskNode } from "../flow/graph.ts";
import { type ArrivedSignal, isSignal } from "../flow/signals.ts";
import type { Outcome } from "../executors/executor.ts";
import { failedMessage, message as messages, retryingMessage, signalMessage } from "./messages.ts";
import { type CallState, type Ending, failing, isFailing, type Waiting } from "./call-state.ts";
import { nextAttemptMs, retryPolicyOf, type RetryWorld } from "./retries.ts";

export interface Attempt {
  readonly node: TaskNode;
  /** Counts from 1. */
  readonly attempt: number;
  readonly world: RetryWorld;
}

/** The state in which the attempt leaves the call, before it is asked whether a failed one is made again. */
export function attemptEnd(outcome: Outcome, attempt: Attempt): Ending | Waiting {
  if (outcome.kind === "success") return { kind: "Success", message: messages.success, value: outcome.value };
  return failureEnd(outcome.error, attempt);
}

/** Failed and timed out calls are made again while the task's options say so; others stay as they are. */
export function afterRetryCheck<S extends CallState>(state: S, { node, attempt, world }: Attempt): S | Waiting {
  if (!isFailing(state) || (state.kind !== "Failed" && state.kind !== "TimedOut")) return state;
  const dueMs = nextAttemptMs(node, attempt, state.error, world);
  if (dueMs === undefined) return state;
  return { kind: "Retrying", message: retryingMessage(attempt, retryPolicyOf(node, world)?.maxRetries), dueMs };
}

function failureEnd(error: Error, attempt: Attempt): Ending | Waiting {
  if (isSignal(error)) return signalState(error, attempt.world.clock.now());
  if (isTimeout(error)) return failing("TimedOut", messages.timedOut, error);
  return failing("Failed", failedMessage(error), error);
}

/** The state that a signal asks for, whoever threw it. */
export function signalState(signal: ArrivedSignal, nowMs: number): Ending | Waiting {
  const { cloudburstSignal: kind, result, startTimeMs } = signal;
  const message = signal.message === "" ? signalMessage(kind) : signal.message;
  switch (kind) {
    case "SKIP":
      return { kind: "Skipped", message, value: result ?? null };
    case "SUCCESS":
      return { kind: "Success", message, value: result };
    case "RETRY":
      return { kind: "Retrying", message, dueMs: startTimeMs ?? nowMs };
    case "PAUSE":
      return { kind: "Paused", message };
    case "TRIGGERFAIL":
      return failing("TriggerFailed", message, signal, result ?? signal);
    case "VALIDATIONFAIL":
      return failing("ValidationFailed", message, signal, result ?? signal);
    case "FAIL":
    case "LOOP": // whoever calls bodies makes loops of it; what comes here was thrown where nothing can loop
      return failing("Failed", message, signal, result ?? signal);
  }
}

function isTimeout(error: Error): boolean {
  return error.name === "TimeoutError" && Reflect.get(error, "code") === "timed_out";
}
