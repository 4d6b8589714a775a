/**
 * One run of a flow, from its options to its final state.
 *
 * - R1 Everything that can be checked is checked before the executor is started.
 * - R2 An executor that was started is disposed of, however the run ends.
 * - R3 Only programming errors and an executor that cannot start reject; whatever happens later is in the final state.
 */
import { toError } from "../base/errors.ts";
import { isWanted } from "../base/log-line.ts";
import type { ExecutableTask, Executor, ExecutorRun } from "../executors/executor.ts";
import type { FlowRun } from "../flow/flow-handlers.ts";
import type { FlowState } from "../flow/flow-state.ts";
import type { FlowDefinition, FlowRunner } from "../flow/flow.ts";
import type { Graph } from "../flow/graph.ts";
import type { RunOptions } from "../flow/run-options.ts";
import type { State } from "../flow/state.ts";
import { bringHome } from "./bring-home.ts";
import { cancelledState, type FinalState, finalState, notBroughtHome, notStarted, pausedState } from "./final-state.ts";
import { FlowResult } from "./flow-result.ts";
import { stateOf } from "./node-state.ts";
import { outlineOf } from "./outline.ts";
import { type EngineDeps, prepareRun } from "./prepare-run.ts";
import type { Beginning } from "./recall-run.ts";
import { tellBegin, tellEnd } from "./run-handlers.ts";
import { type EngineRun, Scheduler } from "./scheduler.ts";
import { viewState } from "./state-view.ts";

/**
 * Makes what `flow.run()` calls; tasks that fail are in the final state.
 *
 * @throws {InvalidOptionError} when it is called: for a wrong option or parameter, before anything is started.
 * @throws {CloudburstError} when it is called: when the executor cannot start.
 */
export function createFlowRunner(deps: EngineDeps): FlowRunner {
  return async <R>(flow: FlowDefinition, options: RunOptions) => await runFlow<R>(flow, options, deps);
}

async function runFlow<R>(flow: FlowDefinition, options: RunOptions, deps: EngineDeps): Promise<FlowState<R>> {
  const startedAtMs = deps.clock.now();
  const { run, wanted, beginning } = await prepareRun(flow, options, startedAtMs, deps);
  const { graph, emit, calls } = run;
  const { runId, parameters } = calls.facts;
  const scheduler = new Scheduler(run);
  const references = (): readonly State[] =>
    graph.referenceNodes.map((node) => viewState(stateOf(scheduler.states, node), scheduler.historyOf(node)));
  const { executor } = run;
  emit({ type: "run-started", runId, flowName: flow.name, executor: nameOf(executor), profile: executor.profile });
  narrate(run, `Beginning Flow run for '${flow.name}'`);
  const subject: FlowRun = { name: flow.name, runId, parameters };
  const barred = await tellBegin(subject, flow.handlers);
  const end = async (final: FinalState, report?: ExecutorRun["report"]): Promise<FinalState> => {
    const told = barred ?? (await tellEnd(subject, flow.handlers, final, references));
    const { kind, message } = told;
    narrate(run, `Flow run ${kind.toUpperCase()}: ${message}`);
    const elapsedMs = deps.clock.now() - startedAtMs;
    emit({ type: "run-finished", kind, message, elapsedMs, report });
    return told;
  };
  let ended: Ended | undefined;
  try {
    ended = barred === undefined ? await runOnExecutor(flow, beginning, run, scheduler, wanted) : undefined;
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

async function runOnExecutor(
  flow: FlowDefinition,
  beginning: Beginning,
  run: EngineRun,
  scheduler: Scheduler,
  wanted: readonly number[],
): Promise<Ended> {
  const started = await start(flow, beginning, run, scheduler);
  if (started === undefined) return { final: cancelledState(run.signal), report: undefined };
  let final: FinalState;
  try {
    final = await finish(run, scheduler, wanted);
    if (final.kind === "Success") started.endedWell?.();
  } finally {
    await dispose(started, run); // R2
  }
  return { final, report: started.report };
}

/** Undefined when the run was aborted before the executor was there. */
async function start(
  flow: FlowDefinition,
  { startedAtMs, resumes }: Beginning,
  run: EngineRun,
  scheduler: Scheduler,
): Promise<ExecutorRun | undefined> {
  const { executor, signal, emit } = run;
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
      emit: (event) => {
        emit({ type: "executor", event });
      },
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
async function dispose(started: ExecutorRun, { emit }: EngineRun): Promise<void> {
  try {
    await started[Symbol.asyncDispose]();
  } catch (thrown) {
    const message = `the executor could not clean up: ${toError(thrown).message}`;
    emit({ type: "executor", event: { kind: "warning", message } });
  }
}

/** A line of the library's own, where its lines are wanted. */
function narrate({ calls: { facts, world } }: EngineRun, line: string): void {
  if (!isWanted("info", facts.runnerLogLevel)) return;
  world.log({ level: "info", task: `flow ${facts.flowName}`, line, atMs: world.clock.now() });
}

function tasksOf(graph: Graph): readonly ExecutableTask[] {
  return [...new Set(graph.nodes.flatMap((node) => (node.kind === "task" ? [node.task] : [])))];
}

function nameOf(executor: Executor): string {
  const { name } = executor.constructor;
  return name === "Object" ? "custom executor" : name;
}
