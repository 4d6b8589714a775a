import { CloudburstError } from "../base/errors.ts";
import { requireBuilder } from "./active-builder.ts";
import type { Argument } from "./argument.ts";
import type { Block } from "./block.ts";
import type { TaskGiving } from "./bound-inputs.ts";
import { compareValue, type Comparison } from "./compare-value.ts";
import type { Handle } from "./handle.ts";
import { plainInputOf } from "./inputs.ts";
import { preview } from "./preview.ts";
import { type BlockOptions, runBlock } from "./run-block.ts";
import { addCall } from "./task-call.ts";

/**
 * A branch of a flow: the tasks that `block` adds run only when `condition` turns out to be `value`, and are skipped
 * otherwise. Values are compared deeply. Returns what the block returns.
 *
 * Of the tasks inside, those that wait for no other one inside wait for the comparison; with the others it follows. A
 * task inside with `skipOnUpstreamSkip: false` runs in any case.
 *
 * @throws {CloudburstError} `bad_case_value` when the value is a handle or a task, or holds one; `no_active_flow`
 *   without a flow; `async_builder` for an async block.
 */
export function caseOf<T, const R>(
  condition: Condition<T>,
  value: NoInfer<T>,
  block: () => R,
  options: BlockOptions = {},
): R {
  return branch({ condition, expected: value, comparison: "same" }, block, options);
}

/** A value, a handle or a task that gives it, or arrays and objects of them. */
export type Condition<T> = Argument<T> | TaskGiving<T>;

/** What decides whether a branch is taken. */
export interface BranchCondition {
  readonly condition: unknown;
  readonly expected: unknown;
  readonly comparison: Comparison;
}

export function branch<R>(on: BranchCondition, body: () => R, options: BlockOptions = {}): R {
  const scope = options.flow?.scope ?? requireBuilder("building a branch", "use it inside the builder of a flow");
  refuseHandles(on.expected, (given) => plainInputOf(given, { scope, what: "the value of a case", takesTasks: true }));
  return runBlock("the block of a branch", branchBlock(on), body, options);
}

function branchBlock(on: BranchCondition): Block {
  let comparing: Handle<unknown> | undefined;
  return {
    begin: () => {
      comparing = addComparison(on);
    },
    end: ({ roots }) => {
      for (const root of roots) if (comparing !== undefined) root.setUpstream(comparing);
    },
  };
}

export function addComparison({ condition, expected, comparison }: BranchCondition): Handle<unknown> {
  const given = comparison === "same" ? [condition, expected] : [condition, expected, comparison];
  return addCall(compareValue, given, { label: `case(${preview(expected)})`, takesTasks: true });
}

function refuseHandles(value: unknown, inputOf: (given: unknown) => { readonly kind: string }): void {
  if (inputOf(value).kind === "value") return;
  throw new CloudburstError(
    "bad_case_value",
    `the value of a case cannot be a task or a handle, got ${preview(value)}: give the value itself; ` +
      "to compare two results, compare them in a task and use what it returns as the condition",
  );
}
