/**
 * What a bundle gets in place of Cloudburst: tasks are real, flows are names, and what belongs to the driver is inert.
 * So a flow's module is evaluated on a worker as it is on the driver, without the engine, executors or the AWS SDK.
 * It exports every name of src/index.ts; a test compares the two.
 */
import { Flow as FlowInstance, type FlowRunner } from "../flow/flow.ts";
import { createFlowClass } from "../flow/flow-factory.ts";
import { GraphBuilder } from "../flow/graph-builder.ts";
import type { FlowPlanner } from "../flow/flow-plan.ts";
import type { FlowDrawer } from "../flow/flow-diagram.ts";
import { driverOnly, inertFunction, inertObject } from "./driver-only.ts";

export { CloudburstError, InvalidOptionError } from "../base/errors.ts";
export { mapped, unmapped } from "../flow/annotations.ts";
export { context } from "../flow/context.ts";
export { applyMap } from "../flow/apply-map.ts";
export {
  allInputs,
  allParameters,
  durationOnly,
  neverUse,
  partialInputsOnly,
  partialParametersOnly,
} from "../flow/cache-validator.ts";
export { caseOf } from "../flow/case.ts";
export { FilterTask } from "../flow/filter-task.ts";
export { flatten } from "../flow/flatten.ts";
export { merge } from "../flow/merge.ts";
export { Parameter } from "../flow/parameter.ts";
export { range } from "../flow/range.ts";
export { resourceManager } from "../flow/resource-manager.ts";
export { exponentialBackoff } from "../flow/retry-policy.ts";
export { FAIL, isSignal, LOOP, PAUSE, RETRY, SKIP, SUCCESS, TRIGGERFAIL, VALIDATIONFAIL } from "../flow/signals.ts";
export { failed, paused, retrying, skipped, success, triggerFailed } from "../flow/make-states.ts";
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
} from "../flow/state.ts";
export { ifElse, switchOn } from "../flow/switch.ts";
export { tags } from "../flow/tags.ts";
export { Task, task } from "../flow/task.ts";
export { TriggerFailedError } from "../flow/trigger-failed-error.ts";
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
} from "../flow/trigger.ts";

const onRun: unique symbol = Symbol.for("cloudburst.onRun");

/**
 * Tells the worker that the module has come to run its flow, and never returns: by then its tasks are defined, and
 * what follows belongs to the driver.
 */
const inertRun: FlowRunner = () => {
  (globalThis as { [onRun]?: () => void })[onRun]?.();
  return new Promise(() => undefined);
};

const inertDrawer = /* @__PURE__ */ inertFunction() as FlowDrawer;
const inertPlanner = /* @__PURE__ */ inertFunction() as FlowPlanner;

/** A flow without its graph: only the driver needs one, so the builder does not run here. */
export function flow(name: string): FlowInstance<object, unknown> {
  const blueprint = {
    scope: new GraphBuilder(name),
    parameters: { schema: undefined, declared: new Map() },
    definedIn: undefined,
    executor: undefined,
  } as const;
  return new FlowInstance(blueprint, inertRun, inertDrawer, inertPlanner);
}

/** Filled by the module's top level as on the driver; nobody asks for its graph. */
export const Flow = /* @__PURE__ */ createFlowClass(inertRun, inertDrawer, inertPlanner);

/** Made at a module's top level, and used by the driver only: any arguments do. */
export class FargateExecutor {}
export class LocalExecutor {}
export class ParallelExecutor {}
export class FargateCluster {}
export class LocalCluster {}
/** Named by tasks, whose options are checked where they are made: inert, and with the methods of a store. */
class InertResult {
  read(): undefined {}
  write(): undefined {}
  among(): undefined {}
}
export class LocalResult extends InertResult {}
export class S3Result extends InertResult {}
export const config = /* @__PURE__ */ inertFunction();
export const CronClock = /* @__PURE__ */ inertFunction();
export const CronSchedule = /* @__PURE__ */ inertFunction();
export const IntervalClock = /* @__PURE__ */ inertFunction();
export const IntervalSchedule = /* @__PURE__ */ inertFunction();
export const Schedule = /* @__PURE__ */ inertFunction();
export const createProgress = /* @__PURE__ */ inertFunction();
export const US_EAST_1_PRICES = /* @__PURE__ */ inertObject();

export const formatSummary = /* @__PURE__ */ driverOnly("formatSummary");
export const isSerializable = /* @__PURE__ */ driverOnly("isSerializable");
export const priceRun = /* @__PURE__ */ driverOnly("priceRun");
export const pricesIn = /* @__PURE__ */ driverOnly("pricesIn");
