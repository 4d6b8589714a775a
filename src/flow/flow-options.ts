import type { ExecutableTask, Executor } from "../executors/executor.ts";
import type { FlowHandlerOptions } from "./flow-handlers.ts";
import type { FlowSchedule } from "./flow-schedule.ts";

export interface FlowOptions extends FlowHandlerOptions {
  /** Where the flow's tasks run unless `run` says otherwise. */
  readonly executor?: Executor | undefined;
  /** When the flow runs: `run` waits for each event of the schedule. @default none: `run` runs the flow at once */
  readonly schedule?: FlowSchedule | undefined;
  /** Tasks whose calls decide the final state. @default the calls that no other call depends on */
  readonly referenceTasks?: readonly ExecutableTask[] | undefined;
}
