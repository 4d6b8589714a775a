/** The public door of Cloudburst: what a user imports, name by name. */
import { systemClock } from "./base/clock.ts";
import { formatLogLine } from "./base/log-line.ts";
import type { Config } from "./config/config.ts";
import { createDefaultExecutor } from "./config/default-executor.ts";
import { type ConfigPlaces, loadConfig } from "./config/load-config.ts";
import { checkRun, type EngineDeps } from "./engine/prepare-run.ts";
import { createFlowRunner } from "./engine/run-flow.ts";
import { ResultCache } from "./engine/result-cache.ts";
import { executorsByName } from "./executors/executors-by-name.ts";
import { cacheDirectory, PastRuns } from "./executors/past-runs.ts";
import { recallForPlan } from "./executors/recall-for-plan.ts";
import type { Flow as FlowInstance } from "./flow/flow.ts";
import { createFlowClass, createFlowFactory, type FlowClass, type FlowFactory } from "./flow/flow-factory.ts";
import { recordPlace } from "./observe/record-directory.ts";
import { recordRuns } from "./observe/record-runs.ts";
import { holdable } from "./flow/script-runs.ts";
import { onSchedule } from "./schedules/run-on-schedule.ts";
import { createFlowPlanner } from "./simulate/plan-flow.ts";
import { drawFlow } from "./visualize/draw-flow.ts";

/** Read for each run anew: the environment and the working directory are those of the moment. */
const configPlaces = (): ConfigPlaces => ({ env: process.env, directory: process.cwd() });

const engine: EngineDeps = {
  clock: systemClock,
  random: Math.random,
  settings: async () => {
    const { logging, tasks } = await config();
    const { timeoutMs, ...retries } = tasks.defaults;
    return { logLevel: logging.level, timeoutMs, retries };
  },
  print: (line) => process.stderr.write(`${formatLogLine(line)}\n`),
  defaultExecutor: async () => await createDefaultExecutor(executorsByName, configPlaces()),
  checkpointing: async () => (await config()).flows.checkpointing,
  cache: new ResultCache(),
};

const warn = (message: string): void => process.emitWarning(message, "CloudburstWarning");

const recordedRun = recordRuns(createFlowRunner(engine), {
  clock: systemClock,
  place: async () => recordPlace(await config(), process.env),
  warn,
});

const scheduledRun = onSchedule(recordedRun, {
  clock: systemClock,
  runOnSchedule: async () => (await config()).flows.runOnSchedule,
  check: async (definition, options) => {
    await checkRun(definition, options, engine);
  },
  warn,
});

const run = holdable(scheduledRun);

const plan = createFlowPlanner({
  now: () => systemClock.now(),
  defaultExecutor: engine.defaultExecutor,
  memoryOf: async ({ name }, profile) => await recallForPlan(new PastRuns(cacheDirectory(process.env)), name, profile),
});

/** The configuration in force: the environment, over `cloudburst.config.ts`, over the defaults. */
export async function config(): Promise<Config> {
  return (await loadConfig(configPlaces())).config;
}

/** Defines a flow; its tasks run in this process unless an executor is named, or configured. */
export const flow: FlowFactory = createFlowFactory(run, drawFlow, plan);

/** An empty flow, to be filled task by task: `new Flow("name", options)`. */
export const Flow: FlowClass = createFlowClass(run, drawFlow, plan);
export type Flow<Params extends object, Result> = FlowInstance<Params, Result>;

export { mapped, type Mapped, unmapped, type Unmapped } from "./flow/annotations.ts";
export { context, type TaskContext } from "./flow/context.ts";
export { applyMap, type ElementOf, type MappedOver } from "./flow/apply-map.ts";
export {
  allInputs,
  allParameters,
  type CacheValidator,
  durationOnly,
  neverUse,
  partialInputsOnly,
  partialParametersOnly,
} from "./flow/cache-validator.ts";
export { caseOf } from "./flow/case.ts";
export { FilterTask, type FilterTaskOptions } from "./flow/filter-task.ts";
export { flatten } from "./flow/flatten.ts";
export type { FlowDiagram, VisualizeOptions } from "./flow/flow-diagram.ts";
export type { FlowPlan, PlannedTask, PlanOptions, PlanOutcome } from "./flow/flow-plan.ts";
export type { FlowFactory } from "./flow/flow-factory.ts";
export type {
  FlowFailureHandler,
  FlowRun,
  FlowStateHandler,
  RunState,
  TerminalStateHandler,
} from "./flow/flow-handlers.ts";
export type { FlowEdge, FlowTask, TaskFilter } from "./flow/flow-tasks.ts";
export type { FlowOptions } from "./flow/flow-options.ts";
export type { FlowSchedule, ScheduledEvent } from "./flow/flow-schedule.ts";
export type { Flattened, Handle, MappedHandle } from "./flow/handle.ts";
export type { Logger } from "./flow/logger.ts";
export { merge, type Merge } from "./flow/merge.ts";
export type { KeepOptions } from "./flow/keep-options.ts";
export { Parameter, type ParameterOptions } from "./flow/parameter.ts";
export { range } from "./flow/range.ts";
export {
  exponentialBackoff,
  type ExponentialBackoff,
  type RetryDelay,
  type RetryOptions,
} from "./flow/retry-policy.ts";
export {
  type Resource,
  type ResourceClass,
  type ResourceFunctions,
  resourceManager,
  type ResourceManager,
} from "./flow/resource-manager.ts";
export { failed, paused, retrying, skipped, success, triggerFailed } from "./flow/make-states.ts";
export type { TaskFailureHandler, TaskHandlerOptions, TaskStateHandler } from "./flow/handlers.ts";
export type { Resolved } from "./flow/resolved.ts";
export type { RunEvent, RunObserver } from "./flow/run-event.ts";
export type { TaskRun } from "./flow/task-run.ts";
export type { OnPause, PausedTask, RunOptions } from "./flow/run-options.ts";
export {
  FAIL,
  isSignal,
  LOOP,
  PAUSE,
  RETRY,
  type RetrySignalOptions,
  SKIP,
  SUCCESS,
  type SignalOptions,
  TRIGGERFAIL,
  VALIDATIONFAIL,
} from "./flow/signals.ts";
export type { FlowState } from "./flow/flow-state.ts";
export {
  isCached,
  isFailed,
  isFinished,
  isMapped,
  isPaused,
  isPending,
  isRetrying,
  isRunning,
  isScheduled,
  isSkipped,
  isSuccessful,
  type MapStates,
  type State,
  type StateChange,
  type StateKind,
} from "./flow/state.ts";
export { type Branch, ifElse, switchOn } from "./flow/switch.ts";
export type { CallFacts } from "./flow/target.ts";
export { tags } from "./flow/tags.ts";
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
  manualOnly,
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
  ExecutorProfile,
  ExecutorRun,
  Failure,
  FleetProfile,
  Outcome,
  RunContext,
  Settled,
} from "./executors/executor.ts";
export type { AdaptKwargs } from "./adaptive/adapt-options.ts";
export type { DurationOption } from "./adaptive/duration-option.ts";
export { FargateExecutor } from "./executors/fargate-executor.ts";
export type { FargateExecutorOptions } from "./executors/fargate-options.ts";
export { LocalExecutor } from "./executors/local-executor.ts";
export { ParallelExecutor, type ParallelExecutorOptions } from "./executors/parallel-executor.ts";

export type { Cluster, ClusterRun, OpenCluster } from "./cluster/cluster.ts";
export type { ClusterClass, ClusterFunction, ClusterOpener } from "./cluster/cluster-class.ts";
export { FargateCluster } from "./cluster/fargate-cluster.ts";
export type { FargateClusterOptions } from "./cluster/fargate-options.ts";
export { LocalCluster, type LocalClusterOptions } from "./cluster/local-cluster.ts";

export { type CostEstimate, priceRun, type WorkerSize } from "./observe/cost.ts";
export { LocalResult, type LocalResultOptions } from "./results/local-result.ts";
export type { ResultFormat } from "./results/result-format.ts";
export type { ResultStore } from "./results/result-store.ts";
export { S3Result, type S3ResultOptions } from "./results/s3-result.ts";

export type { CloudburstConfig, Config } from "./config/config.ts";

export { CronClock, type CronClockOptions } from "./schedules/cron-clock.ts";
export { IntervalClock, type IntervalClockOptions } from "./schedules/interval-clock.ts";
export { CronSchedule, IntervalSchedule, Schedule, type ScheduleOptions } from "./schedules/schedule.ts";
export type { ScheduleClock } from "./schedules/schedule-clock.ts";

export { createProgress, type Progress, type ProgressOptions } from "./observe/progress.ts";
export { type PriceOptions, pricesIn, type PriceTable, US_EAST_1_PRICES, type WorkerPrices } from "./base/prices.ts";
export { formatSummary } from "./observe/summary.ts";

export { isSerializable } from "./wire/is-serializable.ts";

export { CloudburstError, InvalidOptionError } from "./base/errors.ts";
