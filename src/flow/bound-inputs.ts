/** The types that decide what `bind` accepts. */
import type { Mapped, Unmapped } from "./annotations.ts";
import type { Leaf } from "./argument.ts";
import type { FlowLike } from "./flow-scope.ts";
import type { Reference } from "./handle.ts";

/** A task whose result is an `A`. */
export interface TaskGiving<A> {
  readonly nodeOptions: unknown;
  run(...args: never[]): A | PromiseLike<A>;
}

/** The value, or a handle or task that gives it; a list of it where the task is mapped. */
type BoundInput<A> =
  | A
  | Reference<A>
  | TaskGiving<A>
  | Mapped<unknown>
  | Unmapped<unknown>
  | Reference<Iterable<A>>
  | TaskGiving<Iterable<A>>
  | (A extends Leaf ? never : A extends object ? { readonly [K in keyof A]: BoundInput<A[K]> } : never);

/** By property of the body's object argument. Those left out may be bound later. */
export type BoundInputs<Args extends readonly unknown[]> = Args extends readonly [(infer I)?]
  ? { readonly [K in keyof I]?: BoundInput<I[K]> }
  : Readonly<Record<string, never>>;

export interface BindOptions {
  /** The flow that gets the task. @default the flow whose builder is running */
  readonly flow?: FlowLike | undefined;
  /** The task runs once for each element of what is bound. @default false */
  readonly mapped?: boolean | undefined;
  /** Tasks and handles to wait for. */
  readonly upstreamTasks?: readonly object[] | undefined;
}
