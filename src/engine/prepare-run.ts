/** What a run is made of, and whether it may begin: all that can be wrong with it is found here, and nothing is started. */
import type { Clock } from "../base/clock.ts";
import { dayOf, withoutDashes } from "../base/days.ts";
import type { LogLine } from "../base/log-line.ts";
import type { Executor } from "../executors/executor.ts";
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
import type { EngineRun } from "./scheduler.ts";

export interface EngineDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** The executor of runs that name none, of flows that name none. */
  readonly defaultExecutor: () => Executor | Promise<Executor>;
  /** @default nothing is configured */
  readonly settings?: (() => Promise<RunSettings>) | undefined;
  /** Takes the log of runs without an observer. @default nobody does */
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
  /** Nodes whose values are to come home. */
  readonly wanted: readonly number[];
}

/** @throws {InvalidOptionError} for a wrong option or parameter. */
export async function checkRun(flow: FlowDefinition, options: RunOptions, deps: EngineDeps): Promise<void> {
  await prepareRun(flow, options, deps.clock.now(), deps);
}

/** @throws {InvalidOptionError} for a wrong option or parameter. */
export async function prepareRun(
  flow: FlowDefinition,
  options: RunOptions,
  startedAtMs: number,
  deps: EngineDeps,
): Promise<PreparedRun> {
  const { graph } = flow;
  const { clock, random } = deps;
  const emit = checkObserver(options.onEvent);
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
  const log = options.onEvent === undefined ? (deps.print ?? (() => undefined)) : logEvents(emit);
  const calls = { facts, timeoutMs: settings.timeoutMs, world: { clock, signal, log, graceMs } };
  const retry = settings.retries && configuredRetryPolicy(settings.retries);
  const onPause = checkOnPause(options.onPause);
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
  return { wanted, beginning, run: { ...checked, executor, kept } };
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

function logEvents(emit: RunObserver): (line: LogLine) => void {
  return ({ level, task, line, atMs }) => emit({ type: "log", level, task, line, at: new Date(atMs) });
}
