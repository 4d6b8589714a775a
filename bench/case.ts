/** One measurement: `case.ts <name> [args]` sends its figures to the process that forked it. */
import { statSync } from "node:fs";
import { FargateExecutor, LocalExecutor, ParallelExecutor, type RunEvent } from "../src/index.ts";
import { containerStart, workerImage } from "./containers.ts";
import { type LogEntry, runPhases } from "../test/e2e/scaling-lab.ts";
import { noopCalls, noopResults, oneCall, roundTrips, sleeps, spins } from "./flows.ts";
import { type Figures, median } from "./measure.ts";

type Requests = Readonly<Record<string, Readonly<Record<string, number>>>>;

const twoWorkers = { clusterKwargs: { nWorkers: 2, threadsPerWorker: 1 } };

/** Notes when each event came. */
function watch(): { readonly onEvent: (event: RunEvent) => void; at(test: (event: RunEvent) => boolean): number } {
  const seen: { event: RunEvent; at: number }[] = [];
  return {
    onEvent: (event) => seen.push({ event, at: performance.now() }),
    at: (test) => seen.find(({ event }) => test(event))?.at ?? NaN,
  };
}

/** Highest resident memory of this process while `run` lasts, in MB; the embedded cloud is in it. */
async function peakMb(run: () => Promise<unknown>): Promise<number> {
  let peak = process.memoryUsage.rss();
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  await run();
  clearInterval(timer);
  return Math.max(peak, process.memoryUsage.rss()) / 1e6;
}

const total = (requests: Requests): number =>
  Object.values(requests)
    .flatMap((operations) => Object.values(operations))
    .reduce((a, b) => a + b, 0);

function timeOf(log: readonly LogEntry[], test: (event: RunEvent) => boolean): number {
  return log.find((entry) => entry.kind === "run" && test(entry.event))?.at ?? NaN;
}

function hasLeft(entry: LogEntry): boolean {
  return entry.kind === "run" && entry.event.type === "executor" && entry.event.event.kind === "worker-left";
}

const cases: Readonly<Record<string, (...args: string[]) => Promise<Figures>>> = {
  async requests(n) {
    const state = await noopCalls.run({ parameters: { n: Number(n) }, executor: new FargateExecutor(twoWorkers) });
    return { requests: total(state.report?.requests ?? {}), chunks: state.report?.chunks ?? NaN };
  },

  /** A burst of 40 calls of half a second, and nine seconds with one call: the fleet may have one to six workers. */
  async scaling(startupMs) {
    const burst = Array.from({ length: 40 }, () => 500);
    const adapt = { minimum: 1, maximum: 6, interval: "250ms" };
    const parameters = { first: burst, pauseMs: 9_000, second: [1] };
    const { log, executions } = await runPhases(parameters, { startupLatencyMs: Number(startupMs), adapt });
    if (executions !== 41) throw new Error(`41 calls were run ${executions} times`);
    const planned = timeOf(log, (event) => event.type === "calls-planned" && event.slug === "take-1");
    const ended = timeOf(log, (event) => event.type === "task-finished" && event.slug === "take-1");
    const launches = log.flatMap((entry) =>
      entry.kind === "request" && entry.operation === "RunTask" ? entry.at : [],
    );
    const lastLeft = Math.max(...log.flatMap((entry) => (hasLeft(entry) ? entry.at : [])));
    return {
      growthMs: Math.min(...launches.filter((at) => at >= planned)) - planned,
      backAtMinimumMs: lastLeft - ended,
    };
  },

  async throughput(n) {
    const { onEvent, at } = watch();
    const calls = Number(n);
    const peak = await peakMb(async () => {
      const state = await noopResults.run({
        parameters: { n: calls },
        executor: new FargateExecutor(twoWorkers),
        onEvent,
      });
      if (state.result.at(-1) !== calls - 1) throw new Error(`wrong result: ${state.message}`);
    });
    const planned = at((event) => event.type === "calls-planned" && event.slug === "noop-1");
    const done = at((event) => event.type === "task-finished" && event.slug === "noop-1");
    const started = at((event) => event.type === "run-started");
    const finished = at((event) => event.type === "run-finished");
    return {
      callsPerSecond: calls / ((done - planned) / 1000),
      wallSeconds: (finished - started) / 1000,
      peakMb: peak,
    };
  },

  async roundTrip() {
    const times: number[] = [];
    const onEvent = (event: RunEvent): void => {
      if (event.type === "task-finished") times.push(performance.now());
    };
    await roundTrips.run({
      executor: new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 1 } }),
      onEvent,
    });
    // The first calls warm worker and driver up.
    const trips = times.slice(50).map((time, i) => time - (times[49 + i] ?? NaN));
    return { medianMs: median(trips), p95Ms: [...trips].sort((a, b) => a - b)[Math.floor(trips.length * 0.95)] ?? NaN };
  },

  async coldStart() {
    const { onEvent, at } = watch();
    const startedAt = performance.now();
    await oneCall.run({ executor: new FargateExecutor(), onEvent });
    const joined = at((event) => event.type === "executor" && event.event.kind === "worker-joined");
    const clusterStarted = at((event) => event.type === "executor" && event.event.kind === "cluster-started");
    return {
      firstResultMs: at((event) => event.type === "calls-settled") - startedAt,
      helloMs: joined - clusterStarted,
      wholeRunMs: performance.now() - startedAt,
    };
  },

  async engine(n) {
    const calls = Number(n);
    const { onEvent, at } = watch();
    const peak = await peakMb(async () => {
      await noopResults.run({ parameters: { n: calls }, executor: new LocalExecutor(), onEvent });
    });
    const planned = at((event) => event.type === "calls-planned" && event.slug === "noop-1");
    const done = at((event) => event.type === "task-finished" && event.slug === "noop-1");
    return { microsecondsPerChild: ((done - planned) * 1000) / calls, peakMb: peak };
  },

  async parallel(scheduler, n) {
    const { onEvent, at } = watch();
    const calls = Number(n);
    const executor = new ParallelExecutor({ scheduler: scheduler ?? "threads", numWorkers: 2 });
    const state = await noopResults.run({ parameters: { n: calls }, executor, onEvent });
    if (state.result.at(-1) !== calls - 1) throw new Error(`wrong result: ${state.message}`);
    const planned = at((event) => event.type === "calls-planned" && event.slug === "noop-1");
    const done = at((event) => event.type === "task-finished" && event.slug === "noop-1");
    const started = at((event) => event.type === "run-started");
    const finished = at((event) => event.type === "run-finished");
    return { callsPerSecond: calls / ((done - planned) / 1000), wallMs: finished - started };
  },

  /** What two slots are to one. */
  async speedUp(scheduler, calls, ms) {
    const parameters = { calls: Number(calls), ms: Number(ms) };
    const timeOn = async (numWorkers: number): Promise<number> => {
      const { onEvent, at } = watch();
      const executor = new ParallelExecutor({ scheduler: scheduler ?? "threads", numWorkers });
      await spins.run({ parameters, executor, onEvent });
      const planned = at((event) => event.type === "calls-planned" && event.slug === "spin-1");
      return at((event) => event.type === "task-finished" && event.slug === "spin-1") - planned;
    };
    const one = await timeOn(1);
    return { times: one / (await timeOn(2)) };
  },

  async makespan(kind, calls, ms, workers) {
    const { onEvent, at } = watch();
    const flow = kind === "spin" ? spins : sleeps;
    const slug = kind === "spin" ? "spin-1" : "pause-1";
    const nWorkers = Number(workers);
    const slots = kind === "spin" ? nWorkers : 2 * nWorkers;
    await flow.run({
      parameters: { calls: Number(calls), ms: Number(ms) },
      executor: new FargateExecutor({ clusterKwargs: { nWorkers, threadsPerWorker: slots / nWorkers } }),
      onEvent,
    });
    const planned = at((event) => event.type === "calls-planned" && event.slug === slug);
    const done = at((event) => event.type === "task-finished" && event.slug === slug);
    const perfectMs = (Number(calls) * Number(ms)) / slots;
    return { makespanMs: done - planned, overPerfect: (done - planned) / perfectMs - 1 };
  },

  workerFile() {
    return Promise.resolve({ megabytes: statSync(new URL("../dist/worker.mjs", import.meta.url)).size / 1e6 });
  },

  workerImage,
  containerStart,
};

const [name = "", ...args] = process.argv.slice(2);
const run = cases[name];
if (run === undefined) throw new Error(`no measurement "${name}"; there are: ${Object.keys(cases).join(", ")}`);
const figures = await run(...args);
process.send?.(figures);
process.disconnect?.();
