/** How tasks and runs stand and end: Prefect's states as unions, and its predicates by the same inheritance. */

/** A state that a task had, or has. */
export interface StateChange {
  readonly kind: StateKind;
  readonly message: string;
  /** When it began. Undefined in what handlers are shown of children of a mapped task. */
  readonly at: Date | undefined;
}

interface StateBase {
  /** Why the task stands so, in words. */
  readonly message: string;
  /** How often the task's body was begun; 0 where it was not, and for what has children. */
  readonly attempts: number;
  /**
   * The states up to this one, oldest first. Of children only kinds and times are kept: in place of their earlier messages
   * stand those that are usual.
   */
  readonly history: readonly StateChange[];
}

interface Unfinished extends StateBase {
  readonly result: undefined;
  readonly error: undefined;
}

/** Not run, because the run ended first. */
export interface PendingState extends Unfinished {
  readonly kind: "Pending";
}

export interface RunningState extends Unfinished {
  readonly kind: "Running";
}

/** An attempt failed, or asked for another, and the next one is waited for. */
export interface RetryingState extends Unfinished {
  readonly kind: "Retrying";
  /** When the next attempt is due; undefined where that is not known any more. */
  readonly startTime: Date | undefined;
}

/** Waits for somebody to say that it may go on: see `onPause` of `flow.run`. */
export interface PausedState extends Unfinished {
  readonly kind: "Paused";
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
  readonly error: undefined;
}

/** Not run, because its result was there from an earlier run. */
export interface CachedState extends StateBase {
  readonly kind: "Cached";
  /** That result; read as the one of a successful state. */
  readonly result: unknown;
  readonly error: undefined;
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
  readonly error: undefined;
  readonly mapStates: MapStates;
}

export interface SkippedState extends StateBase {
  readonly kind: "Skipped";
  /** What stands for a skipped task wherever its result is used: null, unless a signal or a handler named something. */
  readonly result: unknown;
  readonly error: undefined;
}

interface FailedBase extends StateBase {
  /** What stands for a failed task wherever its result is used: `error`, unless a signal or a handler named something. */
  readonly result: unknown;
  readonly error: Error;
}

export interface FailedState extends FailedBase {
  readonly kind: "Failed";
}

/** Ran longer than its task may. */
export interface TimedOutState extends FailedBase {
  readonly kind: "TimedOut";
}

/** Not run, because the upstreams did not end as the task's trigger asks. */
export interface TriggerFailedState extends FailedBase {
  readonly kind: "TriggerFailed";
}

/** Its result is not what it should be, as the task itself found. */
export interface ValidationFailedState extends FailedBase {
  readonly kind: "ValidationFailed";
}

/** Begun and then given up, because the run was aborted. */
export interface CancelledState extends Unfinished {
  readonly kind: "Cancelled";
}

/** How a task stands. */
export type State =
  | PendingState
  | RunningState
  | RetryingState
  | PausedState
  | SuccessState
  | CachedState
  | MappedState
  | SkippedState
  | FailedState
  | TimedOutState
  | TriggerFailedState
  | ValidationFailedState
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

/** A run's own states as well: only runs are ever `Scheduled`. */
interface HasKind {
  readonly kind: StateKind | "Scheduled";
}

type OfKind<S, K> = Extract<S, { readonly kind: K }>;

/** Nothing has run, or not to its end; scheduled, retrying and paused count as pending. */
export function isPending<S extends HasKind>(
  state: S,
): state is OfKind<S, "Pending" | "Scheduled" | "Retrying" | "Paused"> {
  return state.kind === "Pending" || isScheduled(state);
}

/** Waits for its time: retrying and paused count. */
export function isScheduled<S extends HasKind>(state: S): state is OfKind<S, "Scheduled" | "Retrying" | "Paused"> {
  return state.kind === "Scheduled" || state.kind === "Retrying" || state.kind === "Paused";
}

export function isRetrying<S extends HasKind>(state: S): state is OfKind<S, "Retrying"> {
  return state.kind === "Retrying";
}

export function isPaused<S extends HasKind>(state: S): state is OfKind<S, "Paused"> {
  return state.kind === "Paused";
}

export function isRunning<S extends HasKind>(state: S): state is OfKind<S, "Running"> {
  return state.kind === "Running";
}

/** Nothing more will happen to it. */
export function isFinished(state: HasKind): boolean {
  return !isPending(state) && state.kind !== "Running";
}

/** Skipped and cached count as success, and so does mapped: it only says that the children were run. */
export function isSuccessful<S extends HasKind>(
  state: S,
): state is OfKind<S, "Success" | "Cached" | "Mapped" | "Skipped"> {
  return state.kind === "Success" || isCached(state) || isMapped(state) || isSkipped(state);
}

/** Timed out, trigger-failed and validation-failed count as failed; cancelled is neither failed nor successful. */
export function isFailed<S extends HasKind>(
  state: S,
): state is OfKind<S, "Failed" | "TimedOut" | "TriggerFailed" | "ValidationFailed"> {
  const { kind } = state;
  return kind === "Failed" || kind === "TimedOut" || kind === "TriggerFailed" || kind === "ValidationFailed";
}

export function isCached<S extends HasKind>(state: S): state is OfKind<S, "Cached"> {
  return state.kind === "Cached";
}

export function isSkipped<S extends HasKind>(state: S): state is OfKind<S, "Skipped"> {
  return state.kind === "Skipped";
}

export function isMapped<S extends HasKind>(state: S): state is OfKind<S, "Mapped"> {
  return state.kind === "Mapped";
}
