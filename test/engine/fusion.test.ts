import { describe, expect, it } from "vitest";
import { allFinished } from "../../src/flow/trigger.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { each, flatten, type Ref, TestGraph } from "./support/test-graph.ts";

const inc = (x: number): number => x + 1;
const add = (x: number, y: number): number => x + y;

/** The chains that were handed over, each once. */
async function chainsOf(graph: TestGraph, output: unknown, fuses = true): Promise<readonly string[]> {
  const executor = new ScatteringExecutor({ random: () => 0.4, keeps: false, fuses });
  await graph.run(output, { executor });
  return [...new Set(executor.batches.map(({ steps }) => steps.join(" ")))];
}

describe("fusing", () => {
  it("runs a chain of maps over the same indices in one batch", async () => {
    const graph = new TestGraph();
    const a = graph.map("a", inc, [each([1, 2, 3])]);
    const b = graph.map("b", add, [each(a), 10]);
    const c = graph.map("c", add, [each(b), each(b)]);
    const total = graph.task("total", (xs: number[]) => xs.length, [c]);
    expect(await chainsOf(graph, total)).toEqual(["a-0 b-1 c-2"]);
  });

  it("is for executors that ask for it", async () => {
    const graph = new TestGraph();
    const a = graph.map("a", inc, [each([1, 2, 3])]);
    const b = graph.map("b", inc, [each(a)]);
    expect(await chainsOf(graph, b, false)).toEqual(["a-0", "b-1"]);
  });

  it("hands the step's own result on, where a later step uses it", async () => {
    const graph = new TestGraph();
    const a = graph.map("a", inc, [each([1, 2, 3])]);
    const b = graph.map("b", inc, [each(a)]);
    const executor = new ScatteringExecutor({ random: () => 0.4, keeps: false, fuses: true });
    expect((await graph.run([a, b], { executor })).result).toEqual([
      [2, 3, 4],
      [3, 4, 5],
    ]);
  });

  it.each<[string, (graph: TestGraph, a: Ref) => void]>([
    ["two consumers", (graph, a) => [graph.map("b", inc, [each(a)]), graph.map("c", inc, [each(a)])]],
    ["a second list", (graph, a) => graph.map("b", add, [each(a), each([1, 2])])],
    ["a flattened list", (graph, a) => graph.map("b", inc, [each(flatten(a))])],
    ["the whole list beside the elements", (graph, a) => graph.map("b", (x) => x, [each(a), a])],
    ["another trigger", (graph, a) => graph.map("b", inc, [each(a)], { trigger: allFinished })],
    ["going on after skips", (graph, a) => graph.map("b", inc, [each(a)], { skipOnUpstreamSkip: false })],
    [
      "an unmapped input that is not there yet",
      (graph, a) => graph.map("b", add, [each(a), graph.task("late", inc, [graph.task("late", () => 1)])]),
    ],
    [
      "an unmapped input that failed",
      (graph, a) => {
        graph.map("b", add, [each(a), graph.map("bad", inc, [each(graph.task("five", () => 5))])]);
      },
    ],
  ])("leaves a consumer alone that has %s", async (_, consume) => {
    const graph = new TestGraph();
    const a = graph.map("a", inc, [each([1, 2, 3])]);
    consume(graph, a);
    const chains = await chainsOf(graph, undefined);
    expect(chains.filter((chain) => chain.includes(" "))).toEqual([]);
    expect(chains).toContain("a-0");
  });

  it("fuses behind an unmapped input that is there", async () => {
    const graph = new TestGraph();
    const offset = graph.task("offset", () => 10);
    const list = graph.task("list", () => [1, 2], [], { after: [offset] });
    const a = graph.map("a", inc, [each(list)]);
    const b = graph.map("b", add, [each(a), offset]);
    expect(await chainsOf(graph, b)).toEqual(["a-2 b-3"]);
  });

  it("trigger-fails the later steps of a call whose earlier step failed", async () => {
    const graph = new TestGraph();
    const fail = (x: number): number => {
      if (x === 2) throw new Error("no 2");
      return x;
    };
    const a = graph.map("a", fail, [each([1, 2, 3])]);
    const b = graph.map("b", inc, [each(a)]);
    const c = graph.map("c", inc, [each(b)]);
    const executor = new ScatteringExecutor({ random: () => 0.4, keeps: false, fuses: true });
    const state = await graph.run(c, { executor });
    expect(state.result).toEqual([3, expect.objectContaining({ code: "trigger_failed" }), 5]);
    expect(state.error?.message).toBe("no 2");
    expect(executor.batches.length).toBe(1);
  });

  it("tells the executor where lengths will be wanted", async () => {
    const wants = new Map<string, boolean>();
    const graph = new TestGraph();
    const lists = graph.map("lists", (x: number) => [x], [each([1, 2])]);
    const flat = graph.map("flat", inc, [each(flatten(lists))]);
    const executor = new ScatteringExecutor({ random: () => 0.4, keeps: false, fuses: true });
    const map = executor.map.bind(executor);
    executor.map = async (batch, settle) => {
      for (const step of batch.steps) wants.set(step.slug, step.wantsLengths);
      await map(batch, settle);
    };
    await graph.run(flat, { executor });
    expect([...wants]).toEqual([
      ["lists-0", true],
      ["flat-1", false],
    ]);
  });
});
