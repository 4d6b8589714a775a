/** Decides what becomes of a call whose upstreams have ended. */
import { toError } from "../base/errors.ts";
import type { TaskNode } from "../flow/graph.ts";
import { TriggerFailedError } from "../flow/trigger-failed-error.ts";
import type { UpstreamCounts } from "../flow/trigger.ts";
import { triggerErrorMessage } from "./messages.ts";

export type Decision =
  | { readonly kind: "run" }
  | { readonly kind: "skip" }
  /** `error` is there when it is not the one that all refusals of this trigger share. */
  | { readonly kind: "refuse"; readonly error: TriggerFailedError | undefined };

const run: Decision = { kind: "run" };
const skip: Decision = { kind: "skip" };
const refuse: Decision = { kind: "refuse", error: undefined };

/** Skipping comes before the trigger; a node without upstreams is not asked for a trigger at all. */
export function decide(node: TaskNode, hasUpstreams: boolean, counts: UpstreamCounts): Decision {
  if (node.skipOnUpstreamSkip && counts.skipped > 0) return skip;
  if (!hasUpstreams) return run;
  try {
    if (node.trigger.skips?.(counts) === true) return skip;
    return node.trigger.test(counts) ? run : refuse;
  } catch (thrown) {
    const error = toError(thrown);
    return { kind: "refuse", error: new TriggerFailedError(node.name, triggerErrorMessage(error), error) };
  }
}

/** What stands for the results of `node` where its trigger refused. */
export function triggerFailure(node: TaskNode): TriggerFailedError {
  return new TriggerFailedError(node.name, node.trigger.message);
}
