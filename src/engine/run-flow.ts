/**
 * One run of a flow, from its options to its final state.
 *
 * - R1 Everything that can be checked is checked before the executor is started.
 * - R2 An executor that was started is disposed of, however the run ends.
 * - R3 Only programming errors and an executor that cannot start reject; whatever happens later is in the final state.
 */
import { toError } from "../base/errors.ts";
import type { ExecutableTask, Executor, ExecutorRun } from "../executors/executor.ts";
import type { FlowRun } from "../flow/flow-handlers.ts";
import type { FlowState } from "../flow/flow-state.ts";
import type { FlowDefinition, FlowRunner } from "../flow/flow.ts";
import type { Graph } from "../flow/graph.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { RunOptions } from "../flow/run-options.ts";
import type { State } from "../flow/state.ts";
import { bringHome } from "./bring-home.ts";
import { cancelledState, type FinalState, finalState, notBroughtHome, notStarted, pausedState } from "./final-state.ts";
import { FlowResult } from "./flow-result.ts";
import { stateOf } from "./node-state.ts";
import { outlineOf } from "./outline.ts";
import { type EngineDeps, type PreparedRun, prepareRun } from "./prepare-run.ts";
import { tellBegin, tellEnd } from "./run-handlers.ts";
import { narrate } from "./run-log.ts";
import { type EngineRun, Scheduler } from "./scheduler.ts";
import { viewState } from "./state-view.ts";

/**
 * Makes what `flow.run()` calls; tasks that fail are in the final state.
 *
 * @throws {InvalidOptionError} when it is called: for a wrong option or parameter, before anything is started.
 * @throws {CloudburstError} when it is called: when the executor cannot start.
 */
export function createFlowRunner(deps: EngineDeps): FlowRunner {
  return async <R>(flow: FlowDefinition, options: RunOptions, recorder?: RunObserver) =>
    await runFlow<R>(flow, options, deps, recorder);
}

async function runFlow<R>(
  flow: FlowDefinition,
  options: RunOptions,
  deps: EngineDeps,
  recorder?: RunObserver,
): Promise<FlowState<R>> {
  const startedAtMs = deps.clock.now();
  const prepared = await prepareRun(flow, options, startedAtMs, deps, recorder);
  const { run } = prepared;
  const { graph, emit, calls } = run;
  const { runId, parameters } = calls.facts;
  const scheduler = new Scheduler(run);
  const references = (): readonly State[] =>
    graph.referenceNodes.map((node) => viewState(stateOf(scheduler.states, node), scheduler.historyOf(node)));
  const { executor } = run;
  emit({ type: "run-started", runId, flowName: flow.name, executor: nameOf(executor), profile: executor.profile });
  narrate(calls, `Beginning Flow run for '${flow.name}'`);
  const subject: FlowRun = { name: flow.name, runId, parameters };
  const barred = await tellBegin(subject, flow.handlers);
  const end = async (final: FinalState, report?: ExecutorRun["report"]): Promise<FinalState> => {
    const told = barred ?? (await tellEnd(subject, flow.handlers, final, references));
    const { kind, message } = told;
    narrate(calls, `Flow run ${kind.toUpperCase()}: ${message}`);
    const elapsedMs = deps.clock.now() - startedAtMs;
    emit({ type: "run-finished", kind, message, elapsedMs, report });
    return told;
  };
  let ended: Ended | undefined;
  try {
    ended = barred === undefined ? await runOnExecutor(flow, prepared, scheduler) : undefined;
  } catch (thrown) {
    await end(notStarted(toError(thrown))); // whoever watches the flow is to hear of it as well
    throw thrown;
  }
  const report = ended?.report;
  const final = await end(ended?.final ?? cancelledState(run.signal), report);
  const endedAtMs = deps.clock.now();
  return new FlowResult<R>({
    graph,
    states: scheduler.states,
    historyOf: (node) => scheduler.historyOf(node),
    final,
    runId,
    parameters,
    startedAtMs,
    endedAtMs,
    report,
  });
}

interface Ended {
  readonly final: FinalState;
  readonly report: ExecutorRun["report"];
}

async function runOnExecutor(flow: FlowDefinition, prepared: PreparedRun, scheduler: Scheduler): Promise<Ended> {
  const { run, wanted } = prepared;
  const started = await start(flow, prepared, scheduler);
  if (started === undefined) return { final: cancelledState(run.signal), report: undefined };
  let final: FinalState;
  try {
    final = await finish(run, scheduler, wanted);
    if (final.kind === "Success") started.endedWell?.();
  } finally {
    await dispose(started, prepared); // R2
  }
  return { final, report: started.report };
}

/** Undefined when the run was aborted before the executor was there. */
async function start(
  flow: FlowDefinition,
  { run, beginning: { startedAtMs, resumes }, tellExecutor }: PreparedRun,
  scheduler: Scheduler,
): Promise<ExecutorRun | undefined> {
  const { executor, signal } = run;
  const { facts, world } = run.calls;
  if (signal.aborted) return undefined;
  try {
    return await executor.start({
      runId: facts.runId,
      flowName: flow.name,
      definedIn: flow.definedIn,
      tasks: tasksOf(flow.graph),
      signal,
      facts,
      log: world.log,
      emit: tellExecutor,
      planned: () => scheduler.planned(),
      startedAtMs,
      outline: outlineOf(flow.graph),
      resumes,
    });
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  }
}

async function finish(run: EngineRun, scheduler: Scheduler, wanted: readonly number[]): Promise<FinalState> {
  await scheduler.run();
  if (!scheduler.isFinished) {
    return run.signal.aborted ? cancelledState(run.signal) : pausedState(run.graph, scheduler.states);
  }
  try {
    await bringHome(wanted, scheduler.states, run.executor);
  } catch (thrown) {
    return run.signal.aborted ? cancelledState(run.signal) : notBroughtHome(toError(thrown));
  }
  return finalState(run.graph, scheduler.states);
}

/** The results are there by now: a cleaning up that fails is told, and changes nothing. */
async function dispose(started: ExecutorRun, { tellExecutor }: PreparedRun): Promise<void> {
  try {
    await started[Symbol.asyncDispose]();
  } catch (thrown) {
    tellExecutor({ kind: "warning", message: `the executor could not clean up: ${toError(thrown).message}` });
  }
}

function tasksOf(graph: Graph): readonly ExecutableTask[] {
  return [...new Set(graph.nodes.flatMap((node) => (node.kind === "task" ? [node.task] : [])))];
}

function nameOf(executor: Executor): string {
  const { name } = executor.constructor;
  return name === "Object" ? "custom executor" : name;
}
