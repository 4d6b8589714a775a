import type { ExecutableTask, Executor } from "../executors/executor.ts";

export interface FlowOptions {
  /** Where the flow's tasks run unless `run` says otherwise. */
  readonly executor?: Executor | undefined;
  /** Tasks whose calls decide the final state. @default the calls that no other call depends on */
  readonly referenceTasks?: readonly ExecutableTask[] | undefined;
}
