/** What a run is made of, and whether it may begin: all that can be wrong with it is found here, and nothing is started. */
import type { Clock } from "../base/clock.ts";
import { dayOf, withoutDashes } from "../base/days.ts";
import type { LogLine } from "../base/log-line.ts";
import type { Executor, ExecutorEvent } from "../executors/executor.ts";
import type { FlowDefinition } from "../flow/flow.ts";
import { configuredRetryPolicy } from "../flow/retry-policy.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { RunOptions } from "../flow/run-options.ts";
import { validateParameters } from "../flow/validate-parameters.ts";
import { KeptResults } from "./kept-results.ts";
import { type Beginning, recallRun } from "./recall-run.ts";
import type { ResultCache } from "./result-cache.ts";
import { checkExecutor, checkObserver, checkOnPause, checkSignal, nodesToBringHome } from "./run-checks.ts";
import { runFactsOf, type RunSettings } from "./run-facts.ts";
import { createRunId } from "./run-id.ts";
import { executorEvents, logEvents } from "./run-log.ts";
import type { EngineRun } from "./scheduler.ts";

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

/** A body that listens to its signal needs less; one that does not is not waited for any longer. */
const graceMs = 100;

const nothingConfigured: RunSettings = { logLevel: undefined, timeoutMs: undefined };

export interface PreparedRun {
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
  await prepareRun(flow, options, deps.clock.now(), deps);
}

/**
 * @param recorder hears what the run's own observer hears, and does not count as one
 * @throws {InvalidOptionError} for a wrong option or parameter.
 */
export async function prepareRun(
  flow: FlowDefinition,
  options: RunOptions,
  startedAtMs: number,
  deps: EngineDeps,
  recorder?: RunObserver,
): Promise<PreparedRun> {
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

function bothOf(one: RunObserver, other: RunObserver): RunObserver {
  return (event) => {
    one(event);
    other(event);
  };
}
