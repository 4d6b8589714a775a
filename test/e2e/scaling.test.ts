/** `adaptKwargs` with real worker processes: what happened is read from the embedded cloud's log, in order. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { slowSquares } from "./flows/on-fargate.ts";
import { executorEvents, type LogEntry, runPhases } from "./scaling-lab.ts";

const calls = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);
const before = process.env["XDG_CACHE_HOME"];
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "cloudburst-cache-"));
  process.env["XDG_CACHE_HOME"] = cache;
});

afterEach(() => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
  rmSync(cache, { recursive: true });
});

function requests(log: readonly LogEntry[], operation: string): readonly number[] {
  return log.flatMap((entry, at) => (entry.kind === "request" && entry.operation === operation ? [at] : []));
}

function positionOf(log: readonly LogEntry[], type: "calls-planned" | "task-finished", slug: string): number {
  return log.findIndex((entry) => entry.kind === "run" && entry.event.type === type && entry.event.slug === slug);
}

describe("a fleet that scales", () => {
  it("grows for a burst, is back at its minimum in the pause behind it, and grows again for the next", async () => {
    const parameters = { first: calls(30, 300), pauseMs: 9_000, second: calls(30, 300) };
    const adapt = { minimum: 1, maximum: 4, interval: "200ms" };
    const { state, log, executions } = await runPhases(parameters, { startupLatencyMs: 500, adapt });
    expect(state.result).toEqual({ before: 9_000, after: 9_000 });
    expect(executions).toBe(60); // no call was run twice
    const paused = {
      from: positionOf(log, "task-finished", "total-1"),
      to: positionOf(log, "task-finished", "pause-1"),
    };
    const left = log.flatMap((entry, at) =>
      entry.kind === "run" && entry.event.type === "executor" && entry.event.event.kind === "worker-left" ? [at] : [],
    );
    const launchesBetween = (from: number, to: number) => requests(log, "RunTask").filter((at) => at > from && at < to);
    expect(launchesBetween(positionOf(log, "calls-planned", "take-1"), paused.from).length).toBeGreaterThan(0);
    expect(left.filter((at) => at > paused.from && at < paused.to)).toHaveLength(3);
    expect(launchesBetween(paused.from, positionOf(log, "task-finished", "take-2")).length).toBeGreaterThan(0);
    expect(executorEvents(log).filter(({ kind }) => kind === "worker-lost")).toEqual([]);
    expect(state.report).toMatchObject({ duplicates: 0, launches: requests(log, "RunTask").length });
    expect(state.report?.limitedBy).toMatch(/^(work|maximum): /);
  }, 60_000);

  it("never has a worker stopped while the run goes on, nor a call run twice, whatever comes (I6)", async () => {
    const burst = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 25 });
    const anyRun = fc.record({ first: burst, pauseMs: fc.integer({ min: 0, max: 3_000 }), second: burst });
    const anyCase = fc.record({
      parameters: anyRun,
      startupLatencyMs: fc.integer({ min: 0, max: 800 }),
      minimumBilledMs: fc.integer({ min: 0, max: 3_000 }),
      minimum: fc.integer({ min: 0, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ parameters, startupLatencyMs, minimumBilledMs, minimum }) => {
        const adapt = { minimum, maximum: 3, interval: "100ms", waitCount: 1 };
        const { state, log, executions } = await runPhases(parameters, {
          startupLatencyMs,
          adapt,
          facts: { minimumBilledMs },
        });
        expect(state.kind).toBe("Success");
        expect(executions).toBe(parameters.first.length + parameters.second.length);
        const stopped = requests(log, "StopTask");
        expect(Math.min(...stopped)).toBeGreaterThan(positionOf(log, "task-finished", "total-2"));
      }),
      { numRuns: 5, endOnFailure: true },
    );
  }, 120_000);

  it("ends with what was spent when its budget is used up, and spends no more than that", async () => {
    const parameters = { first: calls(200, 200), pauseMs: 0, second: [1] };
    const adapt = { maximum: 3, interval: "200ms", budget: { usd: 8, usdPerWorkerHour: 3_600 } };
    const facts = { minimumBilledMs: 0, startUpMs: 500 };
    const { state, log, executions } = await runPhases(parameters, { startupLatencyMs: 0, adapt, facts });
    expect(state.kind).toBe("Failed");
    expect(String(state.error)).toMatch(
      /the budget of \$8\.00 is used up: \$\d\.\d\d was spent on \d workers?, and \d+ calls/,
    );
    const { spentUsd = 0 } = (state.error as unknown as { data: Record<string, number> }).data;
    expect(spentUsd).toBeLessThanOrEqual(8);
    expect(executions).toBeLessThan(200);
    expect(executorEvents(log).some((event) => event.kind === "scaling-decided" && event.winner === "budget")).toBe(
      true,
    );
  });
});

describe("a local cluster that scales", () => {
  it("starts no more workers than there are cores, and remembers what it has measured", async () => {
    const state = await slowSquares.run({ parameters: { n: 60 }, executor: new FargateExecutor({ adaptKwargs: {} }) });
    expect(state.result).toBe((59 * 60 * 119) / 6);
    const file = JSON.parse(readFileSync(join(cache, "cloudburst", "past-runs.json"), "utf8")) as {
      readonly tasks: Readonly<Record<string, { readonly calls: number; readonly meanMs: number }>>;
    };
    const remembered = file.tasks['["local","slow-squares","slow-square-1"]'];
    expect(remembered?.calls).toBe(60);
    expect(remembered?.meanMs).toBeGreaterThanOrEqual(59);
  });
});
