/** What users may have called when states change. Handlers run in the driver, whatever the executor. */
import { InvalidOptionError } from "../base/errors.ts";
import { preview } from "./preview.ts";
import type { State } from "./state.ts";
import type { TaskRun } from "./task-run.ts";

/** A state to put in the new one's place; nothing leaves that as it is. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler may be a function that returns nothing
export type Replaced<S> = S | undefined | void;

/** Called with each change of a task's state, or of a child's. */
export type TaskStateHandler = (
  task: TaskRun,
  oldState: State,
  newState: State,
) => Replaced<State> | Promise<Replaced<State>>;

/** Called with each state of a task, or of a child, that `isFailed`. */
export type TaskFailureHandler = (task: TaskRun, state: State) => unknown;

export interface TaskHandlerOptions {
  /**
   * Called in their order with each change of state; each may return another state for the new one's place. One that
   * throws ends the task run as `Failed`, or as the signal says that it threw.
   */
  readonly stateHandlers?: readonly TaskStateHandler[] | undefined;
  /** Called, after `stateHandlers`, for every attempt that failed, and where the task failed without one. */
  readonly onFailure?: TaskFailureHandler | undefined;
}

export const TASK_HANDLER_OPTIONS = [
  "stateHandlers",
  "onFailure",
] as const satisfies readonly (keyof TaskHandlerOptions)[];

/** Checked; there is at least one. */
export interface TaskHandlers {
  readonly stateHandlers: readonly TaskStateHandler[];
  readonly onFailure: TaskFailureHandler | undefined;
}

/** @throws {InvalidOptionError} for what are no functions. */
export function resolveTaskHandlers(owner: string, given: TaskHandlerOptions): TaskHandlers | undefined {
  const { stateHandlers = [], onFailure } = given;
  checkHandlers(owner, "stateHandlers", stateHandlers);
  checkHandler(owner, "onFailure", onFailure);
  return stateHandlers.length === 0 && onFailure === undefined ? undefined : { stateHandlers, onFailure };
}

/** @throws {InvalidOptionError} for anything but a list of functions. */
export function checkHandlers(owner: string, option: string, given: unknown): void {
  if (Array.isArray(given) && given.every((one) => typeof one === "function")) return;
  throw new InvalidOptionError(`${option} of ${owner} must be a list of functions, got ${preview(given)}`, { option });
}

/** @throws {InvalidOptionError} for anything but a function, or nothing. */
export function checkHandler(owner: string, option: string, given: unknown): void {
  if (given === undefined || typeof given === "function") return;
  throw new InvalidOptionError(`${option} of ${owner} must be a function, got ${preview(given)}`, { option });
}
