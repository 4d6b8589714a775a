import type { Argument, MapArgument } from "./argument.ts";
import type { Handle, MappedHandle, Reference } from "./handle.ts";
import { glueTask } from "./task.ts";
import { notAllSkipped } from "./trigger.ts";

type OrNull<V> = undefined extends V ? Exclude<V, undefined> | null : V;
type Merged<G> = OrNull<G extends Reference<infer V> ? V : G>;
type MergedElement<G> = OrNull<G extends Reference<infer V> ? (V extends Iterable<infer E> ? E : never) : never>;

/** Joins branches again. */
export interface Merge {
  /**
   * The result of the first branch, in the order of the arguments, that was not skipped and has one that is neither
   * `null` nor `undefined`; else `null`. Skipped when all branches were.
   *
   * @throws {CloudburstError} `no_active_flow` outside a flow's builder.
   */
  <const Given extends readonly Argument<unknown>[]>(...branches: Given): Handle<Merged<Given[number]>>;
  /** The same child by child, for branches that are mapped. */
  map<const Given extends readonly MapArgument<unknown>[]>(
    ...branches: Given
  ): MappedHandle<MergedElement<Given[number]>>;
}

const firstThere = (...results: readonly unknown[]): unknown =>
  results.find((result) => result !== null && result !== undefined) ?? null;

export const merge = /* @__PURE__ */ glueTask("Merge", firstThere, {
  trigger: notAllSkipped,
  skipOnUpstreamSkip: false,
}) as unknown as Merge;
