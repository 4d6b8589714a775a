/**
 * One run of a flow, from its options to its final state.
 *
 * - R1 Everything that can be checked is checked before the executor is started.
 * - R2 An executor that was started is disposed of, however the run ends.
 * - R3 Only programming errors and an executor that cannot start reject; whatever happens later is in the final state.
 */
import type { Clock } from "../base/clock.ts";
import { dayOf, withoutDashes } from "../base/days.ts";
import { toError } from "../base/errors.ts";
import type { LogLine } from "../base/log-line.ts";
import type { ExecutableTask, Executor, ExecutorEvent, ExecutorRun } from "../executors/executor.ts";
import type { FlowRun } from "../flow/flow-handlers.ts";
import type { FlowDefinition, FlowRunner } from "../flow/flow.ts";
import type { Graph } from "../flow/graph.ts";
import { configuredRetryPolicy } from "../flow/retry-policy.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { RunOptions } from "../flow/run-options.ts";
import type { FlowState } from "../flow/flow-state.ts";
import type { State } from "../flow/state.ts";
import { validateParameters } from "../flow/validate-parameters.ts";
import { outlineOf } from "./outline.ts";
import { bringHome } from "./bring-home.ts";
import { cancelledState, type FinalState, finalState, notBroughtHome, notStarted, pausedState } from "./final-state.ts";
import { FlowResult } from "./flow-result.ts";
import { runFactsOf, type RunSettings } from "./run-facts.ts";
import { type Beginning, recallRun } from "./recall-run.ts";
import { KeptResults } from "./kept-results.ts";
import type { ResultCache } from "./result-cache.ts";
import { createRunId } from "./run-id.ts";
import { checkExecutor, checkObserver, checkOnPause, checkSignal, nodesToBringHome } from "./run-checks.ts";
import { stateOf } from "./node-state.ts";
import { tellBegin, tellEnd } from "./run-handlers.ts";
import { executorEvents, logEvents, narrate } from "./run-log.ts";
import { type EngineRun, Scheduler } from "./scheduler.ts";
import { viewState } from "./state-view.ts";

export interface EngineDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** The executor of runs that name none, of flows that name none. */
  readonly defaultExecutor: () => Executor | Promise<Executor>;
  /** @default nothing is configured */
  readonly settings?: (() => Promise<RunSettings>) | undefined;
  /** Takes the log of runs without an observer, and the warnings of their executors. @default nobody does */
  readonly print?: ((line: LogLine) => void) | undefined;
  /** Whether results are written to the stores that tasks name. */
  readonly checkpointing: () => boolean | Promise<boolean>;
  /** Results that earlier runs left to later ones. */
  readonly cache: ResultCache;
}

/** Makes what `flow.run()` calls. */
export function createFlowRunner(deps: EngineDeps): FlowRunner {
  return async <R>(flow: FlowDefinition, options: RunOptions, recorder?: RunObserver) =>
    await runFlow<R>(flow, options, deps, recorder);
}

/**
 * Runs a flow; tasks that fail are in the final state.
 *
 * @throws {InvalidOptionError} for a wrong option or parameter, before anything is started.
 * @throws {CloudburstError} when the executor cannot start.
 */
export async function runFlow<R>(
  flow: FlowDefinition,
  options: RunOptions,
  deps: EngineDeps,
  recorder?: RunObserver,
): Promise<FlowState<R>> {
  const startedAtMs = deps.clock.now();
  const prepared = await prepare(flow, options, startedAtMs, deps, recorder);
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

/** A body that listens to its signal needs less; one that does not is not waited for any longer. */
const graceMs = 100;

const nothingConfigured: RunSettings = { logLevel: undefined, timeoutMs: undefined };

interface Prepared {
  readonly run: EngineRun;
  readonly beginning: Beginning;
  /** Takes what the executor tells. A run that nobody observes has its warnings in the log. */
  readonly tellExecutor: (event: ExecutorEvent) => void;
  /** Nodes whose values are to come home. */
  readonly wanted: readonly number[];
}

/**
 * Finds what a run with these options would be refused for, and starts nothing.
 *
 * @throws {InvalidOptionError} for a wrong option or parameter.
 */
export async function checkRun(flow: FlowDefinition, options: RunOptions, deps: EngineDeps): Promise<void> {
  await prepare(flow, options, deps.clock.now(), deps);
}

async function prepare(
  flow: FlowDefinition,
  options: RunOptions,
  startedAtMs: number,
  deps: EngineDeps,
  recorder?: RunObserver,
): Promise<Prepared> {
  const { graph } = flow;
  const { clock, random } = deps;
  const observe = checkObserver(options.onEvent);
  const emit = recorder === undefined ? observe : bothOf(checkObserver(recorder), observe);
  const signal = checkSignal(options.signal);
  const findExecutor = async (): Promise<Executor> =>
    checkExecutor(options.executor ?? flow.executor ?? (await deps.defaultExecutor()));
  const beginning =
    options.resume === undefined
      ? newRun(flow, options, createRunId(startedAtMs, random), startedAtMs)
      : await recallRun(flow, options, await findExecutor(), signal);
  const { parameters } = beginning;
  const settings = (await deps.settings?.()) ?? nothingConfigured;
  const facts = runFactsOf({ flowName: flow.name, ...beginning, settings });
  const isObserved = options.onEvent !== undefined;
  const log = isObserved ? logEvents(emit) : (deps.print ?? (() => undefined));
  const calls = { facts, timeoutMs: settings.timeoutMs, world: { clock, signal, log, graceMs } };
  const retry = settings.retries && configuredRetryPolicy(settings.retries);
  const onPause = checkOnPause(options.onPause);
  const tellExecutor = executorEvents(emit, isObserved, calls);
  const checked = { graph, emit, signal, clock, random, retry, parameters, calls, onPause };
  const wanted = nodesToBringHome(graph, options.fetch);
  const executor = await findExecutor();
  const kept = new KeptResults({
    cache: deps.cache,
    clock,
    checkpointing: await deps.checkpointing(),
    parameters,
    context: { ...facts.context, flowName: flow.name, flowRunId: facts.runId, ...daysAround(facts.dateMs) },
  });
  return { wanted, beginning, tellExecutor, run: { ...checked, executor, kept } };
}

function newRun(flow: FlowDefinition, options: RunOptions, runId: string, startedAtMs: number): Beginning {
  const parameters = validateParameters(flow, options.parameters);
  return { runId, parameters, startedAtMs, given: options.context, resumes: false };
}

/** What targets may name: days of UTC, as `2026-08-01` and `20260801`. */
function daysAround(timeMs: number): Readonly<Record<string, string>> {
  const days = { today: dayOf(timeMs), yesterday: dayOf(timeMs, -1), tomorrow: dayOf(timeMs, 1) };
  const nodash = Object.entries(days).map(([name, day]) => [`${name}Nodash`, withoutDashes(day)]);
  return { ...days, ...Object.fromEntries(nodash) } as Readonly<Record<string, string>>;
}

interface Ended {
  readonly final: FinalState;
  readonly report: ExecutorRun["report"];
}

async function runOnExecutor(flow: FlowDefinition, prepared: Prepared, scheduler: Scheduler): Promise<Ended> {
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
  { run, beginning: { startedAtMs, resumes }, tellExecutor }: Prepared,
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
async function dispose(started: ExecutorRun, { tellExecutor }: Prepared): Promise<void> {
  try {
    await started[Symbol.asyncDispose]();
  } catch (thrown) {
    tellExecutor({ kind: "warning", message: `the executor could not clean up: ${toError(thrown).message}` });
  }
}

function bothOf(one: RunObserver, other: RunObserver): RunObserver {
  return (event) => {
    one(event);
    other(event);
  };
}

function tasksOf(graph: Graph): readonly ExecutableTask[] {
  return [...new Set(graph.nodes.flatMap((node) => (node.kind === "task" ? [node.task] : [])))];
}

function nameOf(executor: Executor): string {
  const { name } = executor.constructor;
  return name === "Object" ? "custom executor" : name;
}
