import type { Executor } from "../executors/executor.ts";
import type { RunObserver } from "./run-event.ts";
import type { TaskRun } from "./task-run.ts";

/** A call that paused, by its trigger, by its body or by a handler. */
export interface PausedTask extends TaskRun {
  readonly message: string;
}

/** Says whether a paused call may go on: true lets it run (again), anything else leaves it paused. */
export type OnPause = (task: PausedTask) => boolean | Promise<boolean>;

/** What `flow.run` takes; `Params` is what the flow's parameters accept. */
export interface RunOptions<Params extends object = object> {
  /** Values of the flow's parameters. */
  readonly parameters?: Params | undefined;
  /** Where the tasks run. @default the flow's executor, else that of the environment, else `LocalExecutor` */
  readonly executor?: Executor | undefined;
  /** Ends the run as `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Asked about each call that pauses, once each time; the rest of the run goes on meanwhile. What is still paused when
   * nothing else is left to do ends the run as `Paused`. One that throws fails the call.
   *
   * @default nobody: paused calls stay paused
   */
  readonly onPause?: OnPause | undefined;
  /**
   * Keys of your own, which tasks get with `context.get(key)` wherever they run. Of the run's own keys `date`,
   * `scheduledStartTime` and `flowRunName` can be set.
   */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Id of a run that ended without success, or whose driver is gone: the flow goes on as that run, from the results that it
   * has committed, with its parameters and its context. Needs a cluster that outlives drivers.
   */
  readonly resume?: string | undefined;
  /** Called for each event of the run, in order. Lines of the log come here instead of standard error. */
  readonly onEvent?: RunObserver | undefined;
  /** Which results come home from where the tasks ran. @default "returned" */
  readonly fetch?: "returned" | "all" | undefined;
  /** False runs a flow that has a schedule at once, and once. @default true, unless the configuration says otherwise */
  readonly runOnSchedule?: boolean | undefined;
  /**
   * A run that fails, or is cancelled, rejects with its error, as it was thrown: for tests and scripts. With a schedule the
   * last run counts. @default false
   */
  readonly throwOnFailure?: boolean | undefined;
}

export const RUN_OPTIONS = [
  "parameters",
  "executor",
  "context",
  "signal",
  "onEvent",
  "fetch",
  "runOnSchedule",
  "onPause",
  "throwOnFailure",
  "resume",
] as const satisfies readonly (keyof RunOptions)[];

/** The arguments of `flow.run`: options with parameters are a must where the flow has one without a default. */
export type RunArguments<Params extends object> =
  Partial<Params> extends Params
    ? [options?: RunOptions<Params>]
    : [options: RunOptions<Params> & ({ readonly parameters: Params } | { readonly resume: string })];
