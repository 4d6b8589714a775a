/** What a plan is made of, before anything is simulated. */
import type { ExecutorProfile } from "../executors/executor.ts";
import type { PlannedTask } from "../flow/flow-plan.ts";
import type { Graph } from "../flow/graph.ts";
import type { MeasuredCalls } from "./planned-durations.ts";
import type { Stage } from "./stages.ts";

/** What earlier runs have measured. */
export interface PlanMemory {
  readonly task: MeasuredCalls;
  /** From RunTask to hello. */
  readonly startUpMs: number | undefined;
}

export interface Planned {
  readonly graph: Graph;
  readonly stages: readonly Stage[];
  readonly tasks: ReadonlyMap<number, PlannedTask>;
  readonly profile: ExecutorProfile;
  readonly memory: PlanMemory;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}
