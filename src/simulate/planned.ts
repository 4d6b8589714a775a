/** What a plan is made of, before anything is simulated. */
import type { ExecutorProfile } from "../executors/executor.ts";
import type { PlannedTask } from "../flow/flow-plan.ts";
import type { Graph } from "../flow/graph.ts";
import type { MeasuredCalls } from "./planned-durations.ts";
import type { Stage } from "./stages.ts";

/** What earlier runs have measured. */
export interface PlanMemory {
  readonly task: MeasuredCalls;
  /** From RunTask to hello, in the latest run. */
  readonly startUpMs: number | undefined;
  /** The same in the latest runs. */
  readonly startUpsMs?: readonly number[] | undefined;
  readonly overhead?: PlannedOverhead | undefined;
}

/** What a run takes besides its workers' start-up and its calls. */
export interface PlannedOverhead {
  /** Until the first workers are requested. */
  readonly openMs: number;
  /** From then until calls can be handed out; workers start meanwhile. */
  readonly readyMs: number;
  /** From the last result to the run's end. */
  readonly closeMs: number;
  /** Of each chunk, besides its calls. */
  readonly chunkMs?: number | undefined;
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
