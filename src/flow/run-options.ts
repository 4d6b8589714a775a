import type { Executor } from "../executors/executor.ts";
import type { RunObserver } from "./run-event.ts";

/** What `flow.run` takes; `Params` is what the flow's parameters accept. */
export interface RunOptions<Params extends object = object> {
  /** Values of the flow's parameters. */
  readonly parameters?: Params | undefined;
  /** Where the tasks run. @default the flow's executor, else that of the environment, else `LocalExecutor` */
  readonly executor?: Executor | undefined;
  /** Ends the run as `Cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Keys of your own, which tasks get with `context.get(key)` wherever they run. Of the run's own keys `date`,
   * `scheduledStartTime` and `flowRunName` can be set.
   */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** Called for each event of the run, in order. Lines of the log come here instead of standard error. */
  readonly onEvent?: RunObserver | undefined;
  /** Which results come home from where the tasks ran. @default "returned" */
  readonly fetch?: "returned" | "all" | undefined;
  /** False runs a flow that has a schedule at once, and once. @default true, unless the configuration says otherwise */
  readonly runOnSchedule?: boolean | undefined;
}

export const RUN_OPTIONS = [
  "parameters",
  "executor",
  "context",
  "signal",
  "onEvent",
  "fetch",
  "runOnSchedule",
] as const satisfies readonly (keyof RunOptions)[];

/** The arguments of `flow.run`: options with parameters are a must where the flow has one without a default. */
export type RunArguments<Params extends object> =
  Partial<Params> extends Params
    ? [options?: RunOptions<Params>]
    : [options: RunOptions<Params> & { readonly parameters: Params }];
