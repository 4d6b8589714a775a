/** The public door of Cloudburst: what a user imports, name by name. */
import { systemClock } from "./base/clock.ts";
import { createFlowRunner } from "./engine/run-flow.ts";
import { LocalExecutor } from "./executors/local-executor.ts";
import { createFlowFactory, type FlowFactory } from "./flow/flow-factory.ts";

/** Defines a flow; its tasks run in this process unless an executor is named. */
export const flow: FlowFactory = createFlowFactory(
  createFlowRunner({ clock: systemClock, random: Math.random, defaultExecutor: () => new LocalExecutor() }),
);

export { mapped, type Mapped, unmapped, type Unmapped } from "./flow/annotations.ts";
export { flatten } from "./flow/flatten.ts";
export { Flow } from "./flow/flow.ts";
export type { FlowFactory } from "./flow/flow-factory.ts";
export type { FlowOptions } from "./flow/flow-options.ts";
export type { Flattened, Handle, MappedHandle } from "./flow/handle.ts";
export { Parameter, type ParameterOptions } from "./flow/parameter.ts";
export { range } from "./flow/range.ts";
export type { Resolved } from "./flow/resolved.ts";
export type { RunEvent, RunObserver } from "./flow/run-event.ts";
export type { RunOptions } from "./flow/run-options.ts";
export {
  type FlowState,
  isFailed,
  isFinished,
  isMapped,
  isPending,
  isRunning,
  isSkipped,
  isSuccessful,
  type MapStates,
  type State,
  type StateKind,
} from "./flow/state.ts";
export { Task, task } from "./flow/task.ts";
export type { TaskOptions } from "./flow/task-options.ts";
export { TriggerFailedError } from "./flow/trigger-failed-error.ts";
export {
  allFailed,
  allFinished,
  allSuccessful,
  alwaysRun,
  anyFailed,
  anySuccessful,
  notAllSkipped,
  someFailed,
  someSuccessful,
  type Trigger,
  type UpstreamCounts,
} from "./flow/trigger.ts";

export type {
  Call,
  CallBatch,
  ClusterReport,
  Executor,
  ExecutorEvent,
  ExecutorRun,
  Failure,
  Outcome,
  RunContext,
  Settled,
} from "./executors/executor.ts";
export { FargateExecutor } from "./executors/fargate-executor.ts";
export type { FargateExecutorOptions } from "./executors/fargate-options.ts";
export { LocalExecutor } from "./executors/local-executor.ts";

export { type CostEstimate, priceRun, type WorkerSize } from "./observe/cost.ts";
export { createProgress, type Progress, type ProgressOptions } from "./observe/progress.ts";
export { type PriceTable, US_EAST_1_PRICES } from "./observe/prices.ts";
export { formatSummary } from "./observe/summary.ts";

export { CloudburstError, InvalidOptionError } from "./base/errors.ts";
