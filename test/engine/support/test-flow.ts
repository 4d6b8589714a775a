/** `flow` on the engine alone, as far as tests want it otherwise. */
import { createFlowRunner } from "../../../src/engine/run-flow.ts";
import type { EngineDeps } from "../../../src/engine/prepare-run.ts";
import type { Executor } from "../../../src/executors/executor.ts";
import { LocalExecutor } from "../../../src/executors/local-executor.ts";
import { createFlowFactory, type FlowFactory } from "../../../src/flow/flow-factory.ts";
import { EagerClock } from "./eager-clock.ts";
import { testDeps } from "./test-graph.ts";

export function flowWith(changes: Partial<EngineDeps> = {}): FlowFactory {
  return createFlowFactory(createFlowRunner({ ...testDeps, ...changes }));
}

/** Flows that run on `executor` unless their run names another, and wait on a clock of their own. */
export function world(executor: Executor = new LocalExecutor()): {
  readonly clock: EagerClock;
  readonly flow: FlowFactory;
} {
  const clock = new EagerClock();
  return { clock, flow: flowWith({ clock, defaultExecutor: () => executor }) };
}
