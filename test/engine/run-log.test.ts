/** Where the lines of a run's log go, and which there are. */
import { describe, expect, it } from "vitest";
import { type LogLine, formatLogLine } from "../../src/base/log-line.ts";
import type { EngineDeps } from "../../src/engine/prepare-run.ts";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import type { RunSettings } from "../../src/engine/run-facts.ts";
import type { ExecutorRun, RunContext } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { each, runGraph, testDeps, TestGraph } from "./support/test-graph.ts";

function printing(logLevel: RunSettings["logLevel"]): { readonly deps: EngineDeps; readonly printed: LogLine[] } {
  const printed: LogLine[] = [];
  const settings = (): Promise<RunSettings> => Promise.resolve({ logLevel, timeoutMs: undefined });
  return { printed, deps: { ...testDeps, settings, print: (line) => void printed.push(line) } };
}

const noParameters = { schema: undefined, declared: new Map() };

function someGraph(): ReturnType<TestGraph["graph"]> {
  const graph = new TestGraph();
  const plain = graph.task("plain", () => [1, 2]);
  const child = graph.map(
    "child",
    (x: number) => {
      if (x === 2) throw new Error("two");
    },
    [each(plain)],
  );
  return graph.graph(child);
}

describe("the library's own lines", () => {
  it("are not there unless a level is configured", async () => {
    const { deps, printed } = printing(undefined);
    await runGraph(someGraph(), {}, deps);
    expect(printed).toEqual([]);
  });

  it("tell of the run and of plain tasks at info", async () => {
    const { deps, printed } = printing("info");
    await runGraph(someGraph(), {}, deps);
    expect(printed.map(({ level, line }) => [level, line])).toEqual([
      ["info", "Beginning Flow run for 'test'"],
      ["info", "Task 'plain': Starting task run..."],
      ["info", "Task 'plain': Finished task run for task with final state: 'Success'"],
      ["info", "Flow run FAILED: Some reference tasks failed."],
    ]);
  });

  it("tell of children at debug", async () => {
    const { deps, printed } = printing("debug");
    await runGraph(someGraph(), {}, deps);
    expect(printed.filter(({ level }) => level === "debug").map(({ line }) => line)).toEqual([
      "Task 'child[0]': Starting task run...",
      "Task 'child[0]': Finished task run for task with final state: 'Success'",
      "Task 'child[1]': Starting task run...",
      "Task 'child[1]': Finished task run for task with final state: 'Failed'",
    ]);
  });

  it("go to the observer where there is one", async () => {
    const { deps, printed } = printing("info");
    const told: RunEvent[] = [];
    await runGraph(someGraph(), { onEvent: (event) => told.push(event) }, deps);
    expect(printed).toEqual([]);
    expect(told.filter(({ type }) => type === "log")).toHaveLength(4);
  });
});

describe("a warning of the executor", () => {
  class WarningExecutor extends LocalExecutor {
    override async start(context: RunContext): Promise<ExecutorRun> {
      context.emit({ kind: "warning", message: "mind the gap" });
      return await super.start(context);
    }
  }
  const executor = new WarningExecutor();

  it.each(["warn", undefined] as const)("is a line of the log where nobody observes the run (%s)", async (level) => {
    const { deps, printed } = printing(level);
    await runGraph(someGraph(), { executor }, deps);
    expect(printed).toMatchObject([{ level: "warn", task: "flow test", line: "mind the gap" }]);
  });

  it("is none below the level that is configured, or for an observer, who is told of it as an event", async () => {
    const { deps, printed } = printing("error");
    await runGraph(someGraph(), { executor }, deps);
    const told: RunEvent[] = [];
    await runGraph(someGraph(), { executor, onEvent: (event) => told.push(event) }, printing("warn").deps);
    expect(printed).toEqual([]);
    expect(told.filter(({ type }) => type === "log" || type === "executor")).toEqual([
      { type: "executor", event: { kind: "warning", message: "mind the gap" } },
    ]);
  });
});

it("a recorder hears of everything, and lines are printed as without one", async () => {
  const { deps, printed } = printing("info");
  const recorded: RunEvent[] = [];
  const graph = someGraph();
  const definition = { name: "test", graph, parameters: noParameters, definedIn: undefined, executor: undefined };
  await createFlowRunner(deps)(definition, {}, (event) => recorded.push(event));
  expect(printed).toHaveLength(4);
  expect(recorded.at(0)?.type).toBe("run-started");
  expect(recorded.at(-1)?.type).toBe("run-finished");
});

it("a timeout that is configured holds for tasks that do not say", async () => {
  const graph = new TestGraph();
  const endless = graph.task("endless", () => new Promise(() => undefined));
  const settings = (): Promise<RunSettings> => Promise.resolve({ logLevel: undefined, timeoutMs: 10 });
  const state = await runGraph(graph.graph(endless), {}, { ...testDeps, settings });
  expect(state.error).toMatchObject({ code: "timed_out" });
});

it("a line is written as Prefect writes it", () => {
  const line = formatLogLine({ level: "warn", task: "inc[3]", line: "careful", atMs: Date.UTC(2026, 7, 1, 12) });
  expect(line).toBe("[2026-08-01 12:00:00.000Z] WARN - inc[3] | careful");
});
