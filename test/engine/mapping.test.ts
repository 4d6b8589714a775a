import { describe, expect, it } from "vitest";
import type { State } from "../../src/flow/state.ts";
import { allFailed, allFinished } from "../../src/flow/trigger.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { each, flatten, record, type Ref, TestGraph } from "./support/test-graph.ts";

const inc = (x: number): number => x + 1;
const add = (x: number, y: number): number => x + y;
const list = (of: unknown) => (): unknown => of;
const failOn =
  (bad: number) =>
  (x: number): number => {
    if (x === bad) throw new Error(`no ${String(bad)}`);
    return x;
  };

async function stateOf(graph: TestGraph, ref: Ref): Promise<State> {
  return (await graph.run(ref)).of(ref);
}

describe("mapping", () => {
  it("gives child i element i of what is mapped and the whole of what is not", async () => {
    const graph = new TestGraph();
    const xs = graph.task("xs", list([1, 2, 3]));
    const sums = graph.map("sums", add, [each(xs), 10]);
    expect((await graph.run(sums)).result).toEqual([11, 12, 13]);
  });

  it("zips: the shortest input decides the width", async () => {
    const graph = new TestGraph();
    const long = graph.map("long", inc, [each([1, 2, 3])]);
    const short = graph.map("short", inc, [each([10, 20])]);
    const sums = graph.map("sums", add, [each(long), each(short)]);
    expect((await graph.run(sums)).result).toEqual([13, 24]);
  });

  it("maps strings by character, sets and maps as they iterate, and other iterables", async () => {
    const graph = new TestGraph();
    const same = (x: unknown): unknown => x;
    const over = [
      "añ𝄞",
      new Set([1, 2]),
      new Map([["k", 1]]),
      Uint8Array.of(7, 8),
      (function* () {
        yield "a";
      })(),
    ];
    const maps = over.map((value, at) => graph.map(`m${String(at)}`, same, [each(graph.task("make", list(value)))]));
    expect((await graph.run(maps)).result).toEqual([["a", "ñ", "𝄞"], [1, 2], [["k", 1]], [7, 8], ["a"]]);
  });

  it("of nothing is mapped with no children, and so is what maps over that; a sum of it is 0", async () => {
    const graph = new TestGraph();
    const none = graph.map("none", inc, [each(graph.task("xs", list([])))]);
    const more = graph.map("more", inc, [each(none)]);
    const sum = graph.task("sum", (xs: number[]) => xs.reduce((a, b) => a + b, 0), [more]);
    const state = await graph.run([none, more, sum]);
    expect(state.result).toEqual([[], [], 0]);
    expect(state.of(none)).toMatchObject({ kind: "Mapped", message: "Ready to proceed with mapping." });
    expect(state.message).toBe("All reference tasks succeeded.");
  });

  it("over a failed task fails with Prefect's words, even where the trigger asks for failures", async () => {
    const graph = new TestGraph();
    const bad = graph.task("bad", failOn(1), [1]);
    const mapped = graph.map("mapped", inc, [each(bad)], { trigger: allFailed });
    expect(await stateOf(graph, mapped)).toMatchObject({
      kind: "Failed",
      message: "No upstream states can be mapped over.",
      error: { code: "unmappable" },
    });
  });

  it.each([
    ["null", null],
    ["a number", 5],
    ["a plain object", { a: 1 }],
    ["undefined", undefined],
  ])("over %s fails and names the task and the value", async (_, value) => {
    const graph = new TestGraph();
    const mapped = graph.map("doubled", inc, [each(graph.task("source", list(value)))]);
    const state = await stateOf(graph, mapped);
    expect(state).toMatchObject({ kind: "Failed", message: "At least one upstream state has an unmappable result." });
    expect(String(state.result)).toContain('task "doubled" cannot map over the result of "source"');
  });

  it("over an object of handles fails as over any plain object", async () => {
    const graph = new TestGraph();
    const mapped = graph.map("mapped", inc, [each(record({ a: graph.task("a", list(1)) }))]);
    expect((await stateOf(graph, mapped)).message).toBe("At least one upstream state has an unmappable result.");
  });

  it("over an iterable that throws fails with its error", async () => {
    const graph = new TestGraph();
    const source = graph.task("source", () => ({
      [Symbol.iterator]: () => {
        throw new Error("no elements today");
      },
    }));
    const state = await stateOf(graph, graph.map("mapped", inc, [each(source)]));
    expect(String(state.result)).toContain("no elements today");
  });

  it("takes the width from the input that succeeded, and trigger-fails the children where another failed", async () => {
    const graph = new TestGraph();
    const bad = graph.task("bad", failOn(1), [1]);
    const mapped = graph.map("mapped", add, [each(bad), each([1, 2])]);
    const state = (await graph.run(mapped)).of(mapped);
    expect(state.kind === "Mapped" && state.mapStates.counts).toEqual({ TriggerFailed: 2 });
  });

  it("counts a mapped upstream that could not be mapped for every child, also where it is flattened", async () => {
    const graph = new TestGraph();
    const bad = graph.map("bad", inc, [each(graph.task("five", list(5)))]);
    const direct = graph.map("direct", add, [each(bad), each([1, 2])]);
    const flat = graph.map("flat", add, [each(flatten(bad)), each([1, 2])]);
    const seen = graph.map("seen", (x: unknown) => x instanceof Error, [each(bad), each([1, 2])], {
      trigger: allFinished,
    });
    const state = await graph.run([direct, flat, seen]);
    for (const ref of [direct, flat]) {
      const { result } = state.of(ref);
      expect(result).toMatchObject([{ code: "trigger_failed" }, { code: "trigger_failed" }]);
    }
    expect(state.of(seen).result).toEqual([true, true]);
  });

  it("trigger-fails every child when an unmapped upstream failed", async () => {
    const graph = new TestGraph();
    const bad = graph.task("bad", failOn(1), [1]);
    const mapped = graph.map("mapped", add, [each([1, 2, 3]), bad]);
    const state = await stateOf(graph, mapped);
    expect(state.kind === "Mapped" && state.mapStates.counts).toEqual({ TriggerFailed: 3 });
  });

  it("fails one pipeline only where one child fails", async () => {
    const graph = new TestGraph();
    const first = graph.map("first", failOn(2), [each([1, 2, 3])]);
    const second = graph.map("second", inc, [each(first)]);
    const third = graph.map("third", inc, [each(second)]);
    const state = await graph.run(third);
    const at = state.of(third);
    expect(at.kind === "Mapped" && [...at.mapStates].map(({ kind }) => kind)).toEqual([
      "Success",
      "TriggerFailed",
      "Success",
    ]);
    expect(state.error?.message).toBe("no 2");
  });

  it("runs child i of a consumer before the upstream's last child, there is no barrier", async () => {
    const order: string[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const graph = new TestGraph();
    const first = graph.map("first", async (x: number) => (x === 2 ? await gate.then(() => x) : x), [each([1, 2])]);
    const second = graph.map(
      "second",
      (x: number) => {
        order.push(`second ${String(x)}`);
        if (x === 1) release(); // were there a barrier, this would never run, and first[1] never end
        return x;
      },
      [each(first)],
    );
    expect((await graph.run(second, { executor: new CustomExecutor(2) })).result).toEqual([1, 2]);
    expect(order).toEqual(["second 1", "second 2"]);
  });

  it("puts errors of failed children and null for skipped ones into a reduced list", async () => {
    const graph = new TestGraph();
    const trigger = {
      ...allFinished,
      name: "picky",
      test: () => true,
      skips: ({ failed }: { failed: number }) => failed > 0,
    };
    const first = graph.map("first", failOn(1), [each([1, 2])]);
    const strict = graph.map("strict", inc, [each(first)]);
    const skipping = graph.map("skipping", inc, [each(first)], { trigger });
    const seen = graph.task("seen", (...lists: unknown[]) => lists, [first, strict, skipping], {
      trigger: allFinished,
      skipOnUpstreamSkip: false,
    });
    const state = await graph.run(seen, { references: [seen] });
    expect(state.result).toEqual([
      [new Error("no 1"), 2],
      [expect.objectContaining({ name: "TriggerFailedError", message: allSuccessfulMessage }), 3],
      [null, 3],
    ]);
    expect(state.kind).toBe("Success");
  });

  it("gives each reducing task a list of its own", async () => {
    const graph = new TestGraph();
    const xs = graph.map("xs", inc, [each([3, 1, 2])]);
    const sorted = graph.task("sorted", (of: number[]) => of.sort(), [xs]);
    const state = await graph.run([sorted, xs]);
    expect(state.result).toEqual([
      [2, 3, 4],
      [4, 2, 3],
    ]);
  });

  it("maps over a list of handles, and a failed item fails its own child only", async () => {
    const graph = new TestGraph();
    const items = [1, 2, 3].map((x) => graph.task("item", failOn(2), [x]));
    const mapped = graph.map("mapped", inc, [each([...items, 9])]);
    const state = await stateOf(graph, mapped);
    expect(state.kind === "Mapped" && [...state.mapStates].map(({ kind }) => kind)).toEqual([
      "Success",
      "TriggerFailed",
      "Success",
      "Success",
    ]);
  });

  it("maps a part of an argument", async () => {
    const graph = new TestGraph();
    const mapped = graph.map("mapped", ({ x, y }: { x: number; y: [number, number] }) => [x, ...y], [
      record({ x: each([1, 2]), y: [each([3, 4]), 5] }),
    ]);
    expect((await graph.run(mapped)).result).toEqual([
      [1, 3, 5],
      [2, 4, 5],
    ]);
  });
});

describe("flatten", () => {
  it("removes one level of a plain value, in a map and outside", async () => {
    const graph = new TestGraph();
    const nested = graph.task("nested", list([[1, [2]], 3, [], [4]]));
    const flat = graph.task("flat", (xs: unknown) => xs, [flatten(nested)]);
    const mapped = graph.map("mapped", (x: unknown) => x, [each(flatten(nested))]);
    expect((await graph.run([flat, mapped])).result).toEqual([
      [1, [2], 3, 4],
      [1, [2], 3, 4],
    ]);
  });

  it("joins the lists of mapped children; what is no list is one element", async () => {
    const graph = new TestGraph();
    const children = graph.map("children", (x: number) => (x === 0 ? "none" : Array.from({ length: x }, () => x)), [
      each([2, 0, 1]),
    ]);
    const mapped = graph.map("mapped", (x: unknown) => x, [each(flatten(children))]);
    expect((await graph.run(mapped)).result).toEqual([2, 2, "none", 1]);
  });

  it("takes a failed child for one element, of which only the consumer's child is trigger-failed", async () => {
    const graph = new TestGraph();
    const children = graph.map("children", (x: number) => [failOn(2)(x), x], [each([1, 2, 3])]);
    const mapped = graph.map("mapped", (x: unknown) => x, [each(flatten(children))]);
    const state = (await graph.run(mapped)).of(mapped);
    expect(state.result).toEqual([1, 1, expect.objectContaining({ code: "trigger_failed" }), 3, 3]);
  });

  it("passes a value that is no list unchanged, so that mapping over it fails", async () => {
    const graph = new TestGraph();
    const five = graph.task("five", list(5));
    const plain = graph.task("plain", (x: unknown) => x, [flatten(five)]);
    const mapped = graph.map("mapped", inc, [each(flatten(five))]);
    const state = await graph.run([plain, mapped]);
    expect(state.of(plain).result).toBe(5);
    expect(state.of(mapped).message).toBe("At least one upstream state has an unmappable result.");
  });

  it("works on a list of handles", async () => {
    const graph = new TestGraph();
    const a = graph.task("a", list([1, 2]));
    const b = graph.map("b", inc, [each([5])]);
    const mapped = graph.map("mapped", inc, [each(flatten([a, b, 9]))]);
    expect((await graph.run(mapped)).result).toEqual([2, 3, 7, 10]);
  });
});

const allSuccessfulMessage = 'Trigger was "all_successful" but some of the upstream tasks failed.';
