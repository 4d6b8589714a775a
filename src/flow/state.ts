/** How tasks and runs stand and end: Prefect's states as unions, and its predicates by the same inheritance. */

import type { ClusterReport } from "../executors/executor.ts";
import type { Graph } from "./graph.ts";

interface StateBase {
  /** Why the task stands so, in words. */
  readonly message: string;
  /** How often the task's body was begun; 0 where it was not, and for what has children. */
  readonly attempts: number;
}

/** Not run, because the run ended first. */
export interface PendingState extends StateBase {
  readonly kind: "Pending";
  readonly result: undefined;
}

export interface RunningState extends StateBase {
  readonly kind: "Running";
  readonly result: undefined;
}

/** An attempt failed, and the next one is waited for. */
export interface RetryingState extends StateBase {
  readonly kind: "Retrying";
  readonly result: undefined;
}

export interface SuccessState extends StateBase {
  readonly kind: "Success";
  /**
   * What the task returned.
   *
   * @throws {CloudburstError} `result_not_fetched` when the executor kept the value elsewhere and nobody asked for it:
   * return the handle from the flow's builder, or run with `{ fetch: "all" }`.
   */
  readonly result: unknown;
}

/** The children of a mapped task were run; how they ended is in `mapStates`. */
export interface MappedState extends StateBase {
  readonly kind: "Mapped";
  /**
   * One element for each child: its value, `null` where it was skipped, its error where it failed.
   *
   * @throws {CloudburstError} `result_not_fetched`, as for a successful state.
   */
  readonly result: readonly unknown[];
  readonly mapStates: MapStates;
}

export interface SkippedState extends StateBase {
  readonly kind: "Skipped";
  /** What stands for a skipped task wherever its result is used. */
  readonly result: null;
}

export interface FailedState extends StateBase {
  readonly kind: "Failed";
  /** The same as `error`. */
  readonly result: Error;
  readonly error: Error;
}

/** Not run, because the upstreams did not end as the task's trigger asks. */
export interface TriggerFailedState extends StateBase {
  readonly kind: "TriggerFailed";
  /** The same as `error`. */
  readonly result: Error;
  readonly error: Error;
}

/** Begun and then given up, because the run was aborted. */
export interface CancelledState extends StateBase {
  readonly kind: "Cancelled";
  readonly result: undefined;
}

/** How a task stands. */
export type State =
  | PendingState
  | RunningState
  | RetryingState
  | SuccessState
  | MappedState
  | SkippedState
  | FailedState
  | TriggerFailedState
  | CancelledState;

export type StateKind = State["kind"];

/** States of a mapped task's children. Made when asked for: a million children cost a byte each. */
export interface MapStates extends Iterable<State> {
  readonly length: number;
  /** The state of child `index`; negative counts from the end, as in arrays. */
  at(index: number): State | undefined;
  /** How many children are of each kind; kinds without children are left out. */
  readonly counts: Readonly<Partial<Record<StateKind, number>>>;
}

/** What names a task of a flow: a handle, a parameter, or a task that was added itself; or the number of a node. */
export type NodeRef =
  | { readonly node: number }
  /** Its node's position in that graph; undefined in a graph that has no such node. */
  | { nodeIn(graph: Graph): number | undefined };

/** How a flow run ended. */
export interface FlowState<R = unknown> {
  readonly kind: "Success" | "Failed" | "Cancelled";
  readonly message: string;
  /** What the builder returned, with each handle replaced by its value; a failed task is there as its error. */
  readonly result: R;
  /** The first error, in the order of the tasks; undefined when none of the reference tasks failed. */
  readonly error: Error | undefined;
  readonly runId: string;
  /** The parameters as the tasks saw them, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly elapsedMs: number;
  /** What the run used of its cluster, if it had one. */
  readonly report: ClusterReport | undefined;
  /**
   * The state of one task of the flow.
   *
   * @throws {InvalidOptionError} when the handle is not of this flow.
   */
  of(handle: NodeRef): State;
}

interface HasKind {
  readonly kind: StateKind;
}

/** Retrying counts as pending. */
export function isPending<S extends HasKind>(state: S): state is Extract<S, { readonly kind: "Pending" | "Retrying" }> {
  return state.kind === "Pending" || state.kind === "Retrying";
}

export function isRetrying<S extends HasKind>(state: S): state is Extract<S, { readonly kind: "Retrying" }> {
  return state.kind === "Retrying";
}

export function isRunning<S extends HasKind>(state: S): state is Extract<S, { readonly kind: "Running" }> {
  return state.kind === "Running";
}

/** Nothing more will happen to it. */
export function isFinished(state: HasKind): boolean {
  return !isPending(state) && state.kind !== "Running";
}

/** Skipped counts as success, and so does mapped: it only says that the children were run. */
export function isSuccessful(state: HasKind): boolean {
  return state.kind === "Success" || state.kind === "Mapped" || state.kind === "Skipped";
}

/** Trigger-failed counts as failed; cancelled is neither failed nor successful. */
export function isFailed(state: HasKind): boolean {
  return state.kind === "Failed" || state.kind === "TriggerFailed";
}

export function isSkipped<S extends HasKind>(state: S): state is Extract<S, { readonly kind: "Skipped" }> {
  return state.kind === "Skipped";
}

export function isMapped<S extends HasKind>(state: S): state is Extract<S, { readonly kind: "Mapped" }> {
  return state.kind === "Mapped";
}
