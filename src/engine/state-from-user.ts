/** What a handler returned, as the engine knows it. */
import { CloudburstError } from "../base/errors.ts";
import { preview } from "../flow/preview.ts";
import type { State } from "../flow/state.ts";
import { type CallState, failing } from "./call-state.ts";
import type { NodeState } from "./node-state.ts";

/**
 * `instead` is the kind of the state in whose place it is given: a call that is about to run may go on to do so.
 *
 * @throws {CloudburstError} `bad_state` for what a call cannot become here.
 */
export function callStateOf(given: State, instead: NodeState["kind"]): CallState {
  const { kind, message } = given;
  switch (kind) {
    case "Success":
    case "Cached":
    case "Skipped":
      return { kind, message, value: given.result };
    case "Failed":
    case "TimedOut":
    case "TriggerFailed":
    case "ValidationFailed":
      return failing(kind, message, given.error, given.result);
    case "Retrying":
      return { kind, message, dueMs: given.startTime?.getTime() ?? 0 };
    case "Paused":
    case "Cancelled":
      return { kind, message };
    case "Running":
      if (instead === "Running") return { kind, message };
      throw badState(given);
    default:
      throw badState(given);
  }
}

function badState(given: unknown): CloudburstError {
  const what = typeof given === "object" && given !== null && "kind" in given ? String(given.kind) : preview(given);
  return new CloudburstError(
    "bad_state",
    `a state handler returned ${what}: return a state such as success(value), failed(error) or skipped(), or nothing`,
  );
}
