import { InvalidOptionError } from "../base/errors.ts";
import { addComparison, branch, type BranchCondition, type Condition } from "./case.ts";
import { Handle } from "./handle.ts";
import { preview } from "./preview.ts";

/** A function that builds the branch, or a handle of a task that exists and is to wait for the comparison. */
export type Branch = (() => unknown) | Handle<unknown>;

/** What a branch gives: what its function returned, or the handle. */
export type BranchResult<B> = B extends () => infer R ? R : B;

type Branches = Readonly<Record<string, Branch>>;

/**
 * Runs, of several branches, the one whose key is the value of `condition`; the others are skipped. The keys of an
 * object are compared with the value as JavaScript makes a key of it (`2` is `"2"`); those of a `Map` as `caseOf` does.
 * Returns what each branch gives, by its key; `merge` picks the one that ran.
 *
 * @throws {InvalidOptionError} for a branch that is neither a function nor a handle.
 */
export function switchOn<T, B extends Branch>(
  condition: Condition<T>,
  branches: ReadonlyMap<NoInfer<T>, B>,
): ReadonlyMap<T, BranchResult<B>>;
export function switchOn<const B extends Branches>(
  condition: unknown,
  branches: B,
): { readonly [K in keyof B]: BranchResult<B[K]> };
export function switchOn(condition: unknown, branches: ReadonlyMap<unknown, Branch> | Branches): unknown {
  if (branches instanceof Map) {
    const given = [...(branches as ReadonlyMap<unknown, Branch>)];
    return new Map(
      given.map(([value, taken]) => [value, takeBranch({ condition, expected: value, comparison: "same" }, taken)]),
    );
  }
  const results: Record<string, unknown> = {};
  for (const [key, taken] of Object.entries(branches)) {
    results[key] = takeBranch({ condition, expected: key, comparison: "as a key" }, taken);
  }
  return results;
}

/**
 * Runs one of two branches, by whether the value of `condition` is truthy. Returns what both give, in that order;
 * `merge(...ifElse(…))` picks the one that ran.
 *
 * @throws {InvalidOptionError} for a branch that is neither a function nor a handle.
 */
export function ifElse<const A extends Branch>(condition: unknown, whenTrue: A): readonly [BranchResult<A>];
export function ifElse<const A extends Branch, const B extends Branch>(
  condition: unknown,
  whenTrue: A,
  whenFalse: B,
): readonly [BranchResult<A>, BranchResult<B>];
export function ifElse(condition: unknown, whenTrue: unknown, whenFalse?: unknown): unknown {
  const first = takeBranch({ condition, expected: true, comparison: "truthy" }, whenTrue);
  if (whenFalse === undefined) return [first];
  return [first, takeBranch({ condition, expected: false, comparison: "truthy" }, whenFalse)];
}

function takeBranch(on: BranchCondition, given: unknown): unknown {
  if (typeof given === "function") return branch(on, given as () => unknown);
  if (!(given instanceof Handle)) {
    throw new InvalidOptionError(
      `the branch for ${preview(on.expected)} must be a function that builds it, or a handle, got ${preview(given)}`,
    );
  }
  given.setUpstream(addComparison(on));
  return given;
}
