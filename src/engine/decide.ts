/** Decides what becomes of a call whose upstreams have ended. */
import { toError } from "../base/errors.ts";
import type { TaskNode } from "../flow/graph.ts";
import { isSignal } from "../flow/signals.ts";
import { TriggerFailedError } from "../flow/trigger-failed-error.ts";
import type { UpstreamCounts } from "../flow/trigger.ts";
import { signalState } from "./attempt-end.ts";
import { triggerErrorMessage } from "./messages.ts";
import { type Ending, failing, isEnding, type Refusals } from "./call-state.ts";

export type Decision =
  | { readonly kind: "run" }
  | { readonly kind: "pause"; readonly message: string }
  | { readonly kind: "end"; readonly ending: Ending };

const run: Decision = { kind: "run" };

export interface Upstreams {
  /** False: the node has none, and most triggers have nothing to say. */
  readonly exist: boolean;
  readonly counts: UpstreamCounts;
}

/** Skipping comes before the trigger. */
export function decide(node: TaskNode, { exist, counts }: Upstreams, refusals: Refusals): Decision {
  const { trigger, skipOnUpstreamSkip } = node;
  if (skipOnUpstreamSkip && counts.skipped > 0) return { kind: "end", ending: refusals.skipped };
  if (!exist && trigger.asksAlways !== true) return run;
  try {
    if (trigger.skips?.(counts) === true) return { kind: "end", ending: refusals.skipped };
    return trigger.test(counts) ? run : { kind: "end", ending: refusals.triggerFailed };
  } catch (thrown) {
    return decisionOf(node, toError(thrown));
  }
}

function decisionOf(node: TaskNode, thrown: Error): Decision {
  if (isSignal(thrown)) {
    const state = signalState(thrown, 0);
    if (state.kind === "Paused") return { kind: "pause", message: state.message };
    if (isEnding(state)) return { kind: "end", ending: state };
  }
  const text = triggerErrorMessage(thrown);
  return { kind: "end", ending: failing("TriggerFailed", text, new TriggerFailedError(node.name, text, thrown)) };
}
