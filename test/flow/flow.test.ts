import { expect, test } from "vitest";
import * as z from "zod";
import { unmapped } from "../../src/flow/annotations.ts";
import type { Executor } from "../../src/executors/executor.ts";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import { testDeps } from "../engine/support/test-graph.ts";
import type { FlowDefinition } from "../../src/flow/flow.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import type { RunOptions } from "../../src/flow/run-options.ts";
import { task } from "../../src/flow/task.ts";
import { taskNode, value } from "./support.ts";

const inc = task("inc", (x: number) => x + 1);

/** An executor for flows that are never run. */
const idle: Executor = {
  start: () => Promise.reject(new Error("idle")),
  submit: () => Promise.reject(new Error("idle")),
  map: () => Promise.reject(new Error("idle")),
  wait: () => Promise.reject(new Error("idle")),
};

function recordingFlow() {
  const runs: [FlowDefinition, RunOptions][] = [];
  const flow = createFlowFactory((definition, options) => {
    runs.push([definition, options]);
    throw new Error("the runner's own");
  });
  return { flow, runs };
}

test("a run hands the flow and the options on, and rejects with what the runner throws", async () => {
  const { flow, runs } = recordingFlow();
  const example = flow("example", { parameters: z.object({ n: z.number().default(1) }) }, ({ n }) => inc(n));
  const { signal } = new AbortController();
  const options = { parameters: { n: 5 }, executor: idle, signal, fetch: "all" as const };
  await expect(example.run(options)).rejects.toThrow("the runner's own");
  await expect(example.run()).rejects.toThrow("the runner's own");
  expect(runs).toEqual([
    [example, options],
    [example, {}],
  ]);
  expect(runs[0]?.[0]).toBe(example);
});

test("a flow's executor may be given with its options, and changed", () => {
  const { flow } = recordingFlow();
  const example = flow("example", { executor: idle }, () => inc(1));
  expect(example.executor).toBe(idle);
  example.executor = undefined;
  expect(example.executor).toBeUndefined();
});

test("a builder runs once, when the flow is defined", () => {
  const { flow } = recordingFlow();
  let built = 0;
  flow("once", () => {
    built += 1;
  });
  expect(built).toBe(1);
});

test("unmapped(x) in a plain call is x", () => {
  const { flow } = recordingFlow();
  const { graph } = flow("plain", () => inc(unmapped(1) as unknown as number));
  expect(taskNode(graph, "inc-1")).toMatchObject({ mapped: false, inputs: [value(1)] });
});

test("parameters among the options are refused with the right spelling", async () => {
  const { flow } = recordingFlow();
  const example = flow("example", { parameters: z.object({ stop: z.number() }) }, ({ stop }) => inc(stop));
  await expect(example.run({ stop: 5 } as never)).rejects.toThrow(
    'flow.run received the parameters stop of flow "example" as options: give them as run({ parameters: { stop: … } })',
  );
  await expect(example.run({ stopp: 5 } as never)).rejects.toThrow('flow.run has no option "stopp"');
});

test("throwOnFailure rejects with the task's own error, and only then", async () => {
  const flow = createFlowFactory(createFlowRunner(testDeps));
  const boom = new RangeError("boom");
  const fail = task("fail", () => {
    throw boom;
  });
  await expect(flow("failing", () => inc(fail())).run({ throwOnFailure: true })).rejects.toBe(boom);
  expect((await flow("failing", () => fail()).run()).kind).toBe("Failed");
  expect((await flow("fine", () => inc(1)).run({ throwOnFailure: true })).result).toBe(2);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(flow("stopped", () => inc(1)).run({ throwOnFailure: true, signal })).rejects.toThrow("enough");
  await expect(flow("wrong", () => inc(1)).run({ throwOnFailure: "yes" as never })).rejects.toThrow(
    "throwOnFailure must be true or false, got 'yes'",
  );
});
