import { describe, expect, it } from "vitest";
import { RemoteValue } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { each, type Ref, TestGraph } from "./support/test-graph.ts";

/** Keeps every result: chance is always on that side. */
const keeping = (): ScatteringExecutor => new ScatteringExecutor({ random: () => 0.4, keeps: true, fuses: false });

function sample(): { readonly graph: TestGraph; readonly list: Ref; readonly doubled: Ref; readonly total: Ref } {
  const graph = new TestGraph();
  const list = graph.task("list", () => [1, 2, 3]);
  const doubled = graph.map("doubled", (x: number) => x * 2, [each(list)]);
  const total = graph.task("total", (xs: number[]) => xs.reduce((a, b) => a + b, 0), [doubled]);
  return { graph, list, doubled, total };
}

describe("results kept by the executor", () => {
  it("come home for what the builder returned, and for nothing else", async () => {
    const { graph, list, doubled, total } = sample();
    const state = await graph.run([total], { executor: keeping() });
    expect(state.result).toEqual([12]);
    expect(state.of(total).result).toBe(12);
    for (const ref of [list, doubled]) {
      expect(() => state.of(ref).result).toThrow(
        "the result stayed where the task ran: return the task's handle from the flow's builder, " +
          'or run the flow with { fetch: "all" }',
      );
    }
    const mapped = state.of(doubled);
    const child = mapped.kind === "Mapped" ? mapped.mapStates.at(1) : undefined;
    expect(child?.kind).toBe("Success");
    expect(() => child?.result).toThrow(expect.objectContaining({ code: "result_not_fetched" }) as Error);
  });

  it("come home all when asked for", async () => {
    const { graph, list, doubled, total } = sample();
    const state = await graph.run(total, { executor: keeping(), fetch: "all" });
    expect([list, doubled, total].map((ref) => state.of(ref).result)).toEqual([[1, 2, 3], [2, 4, 6], 12]);
  });

  it("are shown where they can be had without asking", async () => {
    const { graph, list, doubled, total } = sample();
    const executor = new ScatteringExecutor({ random: () => 0.4, keeps: true, fuses: false, peeks: true });
    const state = await graph.run(total, { executor });
    expect(state.of(list).result).toEqual([1, 2, 3]);
    const mapped = state.of(doubled);
    expect(mapped.kind === "Mapped" && mapped.mapStates.at(1)?.result).toBe(4);
    expect(mapped.result).toEqual([2, 4, 6]);
  });

  it("that cannot come home fail the run; the states stay, and the error stands for the result", async () => {
    const { graph, total, list } = sample();
    const executor = keeping();
    executor.wait = () => Promise.reject(new Error("bucket gone"));
    const state = await graph.run([total], { executor });
    expect(state).toMatchObject({ kind: "Failed", message: "Unexpected error: Error: bucket gone" });
    expect(state.result).toEqual([new Error("bucket gone")]);
    expect(state.of(list).kind).toBe("Success");
  });

  it("come home for mapping when the executor does not know their length", async () => {
    const graph = new TestGraph();
    const set = graph.task("set", () => new Set([1, 2]));
    const mapped = graph.map("mapped", (x: number) => x + 1, [each(set)]);
    const executor = keeping();
    expect((await graph.run(mapped, { executor })).result).toEqual([2, 3]);
  });

  it("fail the mapping alone when they cannot come home for it", async () => {
    const graph = new TestGraph();
    const set = graph.task("set", () => new Set([1, 2]));
    const mapped = graph.map("mapped", (x: number) => x + 1, [each(set)]);
    const beside = graph.task("beside", () => 1);
    const executor = keeping();
    executor.wait = () => Promise.reject(new Error("bucket gone"));
    const state = await graph.run(undefined, { executor });
    expect(state.of(mapped)).toMatchObject({ kind: "Failed", message: "Unexpected error: Error: bucket gone" });
    expect(state.of(beside).kind).toBe("Success");
  });

  it("are no arguments for calls in this process", async () => {
    class Far extends RemoteValue {
      readonly length = 2;
      readonly elementLengths = undefined;
      override peek(): undefined {
        return undefined;
      }
    }
    const graph = new TestGraph();
    const far = graph.task("far", () => new Far());
    const plain = graph.task("plain", (x: unknown) => x, [far]);
    const mapped = graph.map("mapped", (x: unknown) => x, [each(far)]);
    const state = await graph.run([plain], { executor: new LocalExecutor() });
    expect(state.of(plain)).toMatchObject({ kind: "Failed", error: { code: "not_at_hand" } });
    const children = state.of(mapped);
    expect(children.kind === "Mapped" && children.mapStates.counts).toEqual({ Failed: 2 });
  });
});
