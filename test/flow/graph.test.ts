import { describe, expect, test } from "vitest";
import * as z from "zod";
import { mapped, unmapped } from "../../src/flow/annotations.ts";
import { flatten } from "../../src/flow/flatten.ts";
import type { Handle } from "../../src/flow/handle.ts";
import { range } from "../../src/flow/range.ts";
import { task } from "../../src/flow/task.ts";
import { allFinished, allSuccessful } from "../../src/flow/trigger.ts";
import { each, flattened, flow, list, node, record, taskNode, value } from "./support.ts";

const inc = task("inc", (x: number) => x + 1);
const add = task("add", (x: number, y: number) => x + y);
const sum = task("sum", (xs: number[]) => xs.reduce((a, b) => a + b, 0));
const area = task("area", (box: { width: number; height: number }) => box.width * box.height);
const letters = task("letters", (text: string) => text.length);

describe("a builder's calls", () => {
  test("become nodes in the order of the calls, wired through their inputs", () => {
    const { graph } = flow("example", { parameters: z.object({ n: z.number() }) }, ({ n }) => sum(inc.map(range(n))));
    const common = { after: [], trigger: allSuccessful, skipOnUpstreamSkip: true };
    expect(graph).toEqual({
      flowName: "example",
      nodes: [
        { kind: "parameter", id: 0, name: "n", slug: "n" },
        {
          kind: "task",
          id: 1,
          name: "range",
          slug: "range-1",
          task: range,
          inputs: [node(0)],
          mapped: false,
          ...common,
        },
        {
          kind: "task",
          id: 2,
          name: "inc",
          slug: "inc-1",
          task: inc,
          inputs: [each(node(1))],
          mapped: true,
          ...common,
        },
        { kind: "task", id: 3, name: "sum", slug: "sum-1", task: sum, inputs: [node(2)], mapped: false, ...common },
      ],
      output: node(3),
      referenceNodes: [3],
    });
  });

  test("of one task are numbered from 1", () => {
    const { graph } = flow("numbered", () => [inc(1), add(1, 2), inc(2)]);
    expect(graph.nodes.map(({ slug }) => slug)).toEqual(["inc-1", "add-1", "inc-2"]);
  });

  test("never get the slug of a parameter", () => {
    const { graph } = flow("taken", { parameters: z.object({ "inc-1": z.number() }) }, (given) => inc(given["inc-1"]));
    expect(graph.nodes.map(({ slug }) => slug)).toEqual(["inc-1", "inc-2"]);
  });

  test("keep the options of their task", () => {
    const last = task("last", () => 1, { trigger: allFinished, skipOnUpstreamSkip: false });
    const { graph } = flow("options", () => last());
    expect(taskNode(graph, "last-1")).toMatchObject({ trigger: allFinished, skipOnUpstreamSkip: false });
  });

  test("wait for the handles given to with({ after }), which add no arguments", () => {
    const { graph } = flow("after", () => {
      const first = inc(1);
      return [inc.with({ after: [first, first] })(2), inc.with({ after: [first] }).map([3])];
    });
    expect(taskNode(graph, "inc-2")).toMatchObject({ inputs: [value(2)], after: [0], mapped: false });
    expect(taskNode(graph, "inc-3")).toMatchObject({ inputs: [each(value([3]))], after: [0], mapped: true });
    expect(graph.referenceNodes).toEqual([1, 2]);
  });
});

describe("an argument", () => {
  test("without handles stays the very value that it is", () => {
    const given = [1, [2, { deep: 3 }]] as unknown as number[];
    const { graph } = flow("plain", () => sum(given));
    const [input] = taskNode(graph, "sum-1").inputs;
    expect(input?.kind === "value" && input.value).toBe(given);
  });

  test("that refers to itself is a value as well", () => {
    const given: unknown[] = [1];
    given.push(given);
    const { graph } = flow("cyclic value", () => sum(given as number[]));
    expect(taskNode(graph, "sum-1").inputs).toEqual([value(given)]);
  });

  test("with handles in arrays and objects becomes lists and records", () => {
    const { graph } = flow("nested", () => {
      const one = inc(1);
      area({ width: one, height: 2 });
      return sum([one, 5, one]);
    });
    expect(taskNode(graph, "area-1").inputs).toEqual([record({ width: node(0), height: value(2) })]);
    expect(taskNode(graph, "sum-1").inputs).toEqual([list(node(0), value(5), node(0))]);
  });

  test("may be the builder's whole object of parameters", () => {
    const parameters = z.object({ width: z.number(), height: z.number() });
    const { graph } = flow("whole", { parameters }, (box) => area(box));
    expect(taskNode(graph, "area-1").inputs).toEqual([record({ width: node(0), height: node(1) })]);
  });
});

describe("a mapped call", () => {
  test.each([
    ["an array", [1, 2], [1, 2]],
    ["a set", new Set([1, 2]), [1, 2]],
    ["a typed array", Uint8Array.of(1, 2), [1, 2]],
    ["a map", new Map([[1, 2]]), [[1, 2]]],
    ["a generator", [1, 2].values(), [1, 2]],
    ["an empty array", [], []],
  ])("takes the elements of %s", (_, given, elements) => {
    const { graph } = flow("iterables", () => inc.map(given as Iterable<number>));
    expect(taskNode(graph, "inc-1")).toMatchObject({ mapped: true, inputs: [each(value(elements))] });
  });

  test("takes the characters of a string", () => {
    const { graph } = flow("string", () => letters.map("a😀"));
    expect(taskNode(graph, "letters-1").inputs).toEqual([each(value(["a", "😀"]))]);
  });

  test("takes handles in the place of elements", () => {
    const { graph } = flow("handles", () => inc.map([inc(1), 5]));
    expect(taskNode(graph, "inc-2").inputs).toEqual([each(list(node(0), value(5)))]);
  });

  test("gives unmapped arguments whole", () => {
    const { graph } = flow("unmapped", () => add.map([1, 2], unmapped(inc(1))));
    expect(taskNode(graph, "add-1").inputs).toEqual([each(value([1, 2])), node(0)]);
  });

  test("of unmapped arguments only is a plain call", () => {
    const { graph } = flow("plain", () => add.map(unmapped(1), unmapped(2)));
    expect(taskNode(graph, "add-1")).toMatchObject({ mapped: false, inputs: [value(1), value(2)] });
  });

  test("may be written as a plain call with mapped arguments, also deep inside", () => {
    const { graph } = flow("mapped", () => {
      const widths = range(3);
      area({ width: mapped(widths), height: 2 });
      return [add(mapped([1, 2]), 5), add.map(mapped([1]), [2])];
    });
    const widths = record({ width: each(node(0)), height: value(2) });
    expect(taskNode(graph, "area-1")).toMatchObject({ mapped: true, inputs: [widths] });
    expect(taskNode(graph, "add-1")).toMatchObject({ mapped: true, inputs: [each(value([1, 2])), value(5)] });
    expect(taskNode(graph, "add-2").inputs).toEqual([each(value([1])), each(value([2]))]);
  });
});

describe("flatten", () => {
  test("wraps what it is given, in calls, in maps, and whole for every child", () => {
    const { graph } = flow("flat", () => {
      const lists = range.map([1, 2]);
      sum(flatten(lists));
      inc.map(flatten(lists));
      add.map([1], unmapped(flatten([lists]) as unknown as Handle<number>));
      return flatten([[1, inc(1)]]);
    });
    expect(taskNode(graph, "sum-1").inputs).toEqual([flattened(node(0))]);
    expect(taskNode(graph, "inc-1").inputs).toEqual([each(flattened(node(0)))]);
    expect(taskNode(graph, "add-1").inputs).toEqual([each(value([1])), flattened(list(node(0)))]);
    expect(graph.output).toEqual(flattened(list(list(value(1), node(4)))));
  });
});

describe("the output", () => {
  test("holds what the builder returned, handles by their nodes", () => {
    const { graph } = flow("output", () => ({ sum: inc(1), words: ["a"], none: undefined }));
    expect(graph.output).toEqual(record({ sum: node(0), words: value(["a"]), none: value(undefined) }));
  });

  test("may be nothing", () => {
    expect(flow("nothing", () => undefined).graph).toMatchObject({
      nodes: [],
      output: value(undefined),
      referenceNodes: [],
    });
  });
});

describe("reference nodes", () => {
  test("are all calls of the reference tasks, where those are given", () => {
    const { graph } = flow("references", { referenceTasks: [inc] }, () => add(inc(1), inc(2)));
    expect(graph.referenceNodes).toEqual([0, 1]);
  });

  test("are the terminal ones again for an empty list", () => {
    expect(flow("reset", { referenceTasks: [] }, () => add(inc(1), inc(2))).graph.referenceNodes).toEqual([2]);
  });

  test("must be of tasks that the flow calls", () => {
    expect(() => flow("strange", { referenceTasks: [sum] }, () => inc(1))).toThrow(
      'referenceTasks of flow "strange" names task "sum", which the flow does not call: call it in the builder, or leave it out',
    );
  });
});

test("a handle knows its node and the graph that it belongs to", () => {
  let handle: Handle<number> | undefined;
  const one = flow("one", () => (handle = add(inc(1), 2)));
  const other = flow("other", () => inc(1));
  expect(handle?.nodeIn(one.graph)).toBe(1);
  expect(handle?.nodeIn(other.graph)).toBeUndefined();
});
