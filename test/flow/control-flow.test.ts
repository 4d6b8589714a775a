import { describe, expect, test } from "vitest";
import { Flow } from "../../src/index.ts";
import { mapped, unmapped } from "../../src/flow/annotations.ts";
import { applyMap } from "../../src/flow/apply-map.ts";
import { caseOf } from "../../src/flow/case.ts";
import { compareValue } from "../../src/flow/compare-value.ts";
import { flatten } from "../../src/flow/flatten.ts";
import type { Graph } from "../../src/flow/graph.ts";
import { merge } from "../../src/flow/merge.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { resourceManager } from "../../src/flow/resource-manager.ts";
import { ifElse, switchOn } from "../../src/flow/switch.ts";
import { Task, task } from "../../src/flow/task.ts";
import { notAllSkipped } from "../../src/flow/trigger.ts";
import { each, flow, node, taskNode, thrownBy, value } from "./support.ts";

const inc = task("inc", (x: number) => x + 1);
const add = task("add", (x: number, y: number) => x + y);
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const nothing = task("nothing", () => undefined);
const kindOf = task("kindOf", (x: number): string => (x > 0 ? "plus" : "minus"));

class Shift extends Task<[{ x: number }], number> {
  override run({ x }: { x: number }): number {
    return x + 1;
  }
}

function slugs({ nodes }: Graph): string[] {
  return nodes.map(({ slug }) => slug);
}

describe("caseOf", () => {
  test("makes the tasks that wait for nothing inside wait for the comparison", () => {
    const { graph } = flow("case", () => {
      const kind = kindOf(1);
      return caseOf(kind, "plus", () => {
        const first = inc(1);
        return add(first, inc(2));
      });
    });
    expect(slugs(graph)).toEqual(["kindOf-1", "CompareValue-1", "inc-1", "inc-2", "add-1"]);
    expect(taskNode(graph, "CompareValue-1")).toMatchObject({
      name: "case('plus')",
      task: compareValue,
      inputs: [node(0), value("plus")],
      after: [],
    });
    expect(taskNode(graph, "inc-1").after).toEqual([1]);
    expect(taskNode(graph, "inc-2").after).toEqual([1]);
    expect(taskNode(graph, "add-1").after).toEqual([]);
    expect(graph.output).toEqual(node(4));
  });

  test("adds nothing when its block adds no task", () => {
    const { graph } = flow("empty", () => {
      const outside = inc(1);
      return caseOf(outside, 2, () => caseOf(outside, 3, () => outside));
    });
    expect(slugs(graph)).toEqual(["inc-1"]);
  });

  test("takes parameters, also as its condition, and lets them be", () => {
    const { graph } = flow("parameters", () =>
      caseOf(Parameter<string>("kind"), "plus", () => inc(Parameter<number>("n"))),
    );
    expect(slugs(graph)).toEqual(["kind", "n", "CompareValue-1", "inc-1"]);
    expect(taskNode(graph, "inc-1")).toMatchObject({ inputs: [node(1)], after: [2] });
  });

  test("nests: the comparison inside waits for the one outside", () => {
    const { graph } = flow("nested", () =>
      caseOf(kindOf(1), "plus", () => caseOf(kindOf(2), "minus", () => [inc(1), caseOf(true, true, () => inc(2))])),
    );
    expect(slugs(graph)).toEqual([
      "kindOf-1",
      "CompareValue-1",
      "kindOf-2",
      "CompareValue-2",
      "inc-1",
      "CompareValue-3",
      "inc-2",
    ]);
    expect(taskNode(graph, "kindOf-2").after).toEqual([1]);
    expect(taskNode(graph, "CompareValue-2").after).toEqual([]);
    expect(taskNode(graph, "inc-1").after).toEqual([3]);
    expect(taskNode(graph, "CompareValue-3").after).toEqual([3]);
    expect(taskNode(graph, "inc-2").after).toEqual([5]);
  });

  test("guards mapped tasks as a whole", () => {
    const { graph } = flow("mapped", () => caseOf(kindOf(1), "plus", () => inc.map([1, 2])));
    expect(taskNode(graph, "inc-1")).toMatchObject({ inputs: [each(value([1, 2]))], after: [1], mapped: true });
  });

  test("guards what is added task by task, in a flow that has no builder", () => {
    const built = new Flow("imperative");
    const kind = built.addTask(new Shift());
    kind.bind({ x: 1 }, { flow: built });
    const inside = new Shift({ name: "inside" });
    const behind = new Shift({ name: "behind" });
    caseOf(
      kind,
      2,
      () => {
        inside.bind({ x: 1 });
        behind.bind({ x: inside }, { flow: built });
      },
      { flow: built },
    );
    expect(slugs(built.graph)).toEqual(["Shift-1", "CompareValue-1", "inside-1", "behind-1"]);
    expect(taskNode(built.graph, "CompareValue-1").inputs).toEqual([node(0), value(2)]);
    expect(taskNode(built.graph, "inside-1").after).toEqual([1]);
    expect(taskNode(built.graph, "behind-1").after).toEqual([]);
  });

  test("refuses a handle for its value, an async block, and a place outside of any flow", () => {
    const withHandle = thrownBy(() => flow("bad", () => caseOf(inc(1), inc(2) as unknown as number, () => inc(3))));
    expect(withHandle.code).toBe("bad_case_value");
    const withTask = thrownBy(() => flow("bad", () => caseOf(inc(1), [inc] as unknown as number, () => inc(3))));
    expect(withTask.code).toBe("bad_case_value");
    const later = thrownBy(() => flow("bad", () => void caseOf(inc(1), 2, () => Promise.resolve(1))));
    expect(later.code).toBe("async_builder");
    expect(thrownBy(() => caseOf(1, 1, () => 1)).code).toBe("no_active_flow");
  });
});

describe("switchOn and ifElse", () => {
  test("build a branch for each key, and guard handles that exist", () => {
    const { graph } = flow("switch", () => {
      const made = inc(1);
      const results = switchOn(kindOf(1), { plus: made, minus: () => inc(2) });
      return merge(results.minus, results.plus);
    });
    expect(slugs(graph)).toEqual(["inc-1", "kindOf-1", "CompareValue-1", "CompareValue-2", "inc-2", "Merge-1"]);
    expect(taskNode(graph, "inc-1").after).toEqual([2]);
    expect(taskNode(graph, "inc-2").after).toEqual([3]);
    expect(taskNode(graph, "CompareValue-1").inputs).toEqual([node(1), value("plus"), value("as a key")]);
    expect(taskNode(graph, "Merge-1")).toMatchObject({
      inputs: [node(4), node(0)],
      trigger: notAllSkipped,
      skipOnUpstreamSkip: false,
    });
  });

  test("compare with the keys of a map as they are", () => {
    const { graph } = flow("map", () => {
      const results = switchOn(inc(1), new Map([[2, () => inc(3)]]));
      return results.get(2);
    });
    expect(taskNode(graph, "CompareValue-1").inputs).toEqual([node(0), value(2)]);
    expect(graph.output).toEqual(node(2));
  });

  test("do without the second branch", () => {
    const { graph } = flow("if", () => ifElse(inc(1), () => inc(2)));
    expect(slugs(graph)).toEqual(["inc-1", "CompareValue-1", "inc-2"]);
    expect(graph.output).toEqual({ kind: "list", items: [node(2)] });
  });

  test("refuse a branch that is neither", () => {
    expect(() => flow("bad", () => switchOn(inc(1), { a: 1 as never }))).toThrow(
      "the branch for 'a' must be a function that builds it, or a handle, got 1",
    );
  });
});

describe("applyMap", () => {
  test("maps every task of the function, child by child", () => {
    const { graph } = flow("apply", () => {
      const xs = inc.map([1, 2, 3]);
      const results = applyMap((x, n) => ({ sum: add(inc(x), n), list: sum([x, inc(1)]) }), xs, unmapped(inc(5)));
      return [results, inc.map(results.sum)];
    });
    expect(slugs(graph)).toEqual(["inc-1", "inc-2", "inc-3", "add-1", "inc-4", "sum-1", "inc-5"]);
    expect(taskNode(graph, "inc-3")).toMatchObject({ inputs: [each(node(0))], mapped: true });
    expect(taskNode(graph, "add-1")).toMatchObject({ inputs: [each(node(2)), node(1)], mapped: true });
    expect(taskNode(graph, "sum-1").inputs).toEqual([{ kind: "list", items: [each(node(0)), each(node(4))] }]);
    expect(taskNode(graph, "inc-5").inputs).toEqual([each(node(3))]);
    const results = { kind: "record", entries: [["sum", node(3)], ["list", node(5)]] }; // prettier-ignore
    expect(graph.output).toEqual({ kind: "list", items: [results, node(6)] });
  });

  test("lets what waits for nothing inside follow the elements, so that it has as many children", () => {
    const { graph } = flow("roots", () => {
      const xs = inc.map([1, 2]);
      return applyMap((x, y) => [nothing(), inc(x), add(x, y)], xs, [3, 4, 5]);
    });
    expect(taskNode(graph, "nothing-1")).toMatchObject({
      inputs: [],
      follows: [each(node(0)), each(value([3, 4, 5]))],
      mapped: true,
    });
    expect(taskNode(graph, "inc-2")).toMatchObject({ inputs: [each(node(0))], follows: [each(value([3, 4, 5]))] });
    expect(taskNode(graph, "add-1").follows).toBeUndefined();
  });

  test("works around branches and inside of them", () => {
    const { graph } = flow("branches", () =>
      caseOf(kindOf(1), "plus", () =>
        applyMap(
          (x) => {
            const [more, less] = ifElse(
              kindOf(x),
              () => inc(x),
              () => nothing(),
            );
            return merge(more, less);
          },
          [1, 2],
        ),
      ),
    );
    expect(slugs(graph)).toEqual([
      "kindOf-1",
      "CompareValue-1",
      "kindOf-2",
      "CompareValue-2",
      "inc-1",
      "CompareValue-3",
      "nothing-1",
      "Merge-1",
    ]);
    expect(taskNode(graph, "kindOf-2")).toMatchObject({ after: [1], inputs: [each(value([1, 2]))] });
    expect(taskNode(graph, "CompareValue-2").inputs[0]).toEqual(each(node(2)));
    expect(taskNode(graph, "inc-1")).toMatchObject({ after: [], follows: [each(node(3))] });
    expect(taskNode(graph, "nothing-1")).toMatchObject({ inputs: [], follows: [each(node(5))], mapped: true });
    expect(taskNode(graph, "Merge-1")).toMatchObject({ inputs: [each(node(4)), each(node(6))], mapped: true });
  });

  test("takes dependencies without arguments child by child", () => {
    const { graph } = flow("after", () =>
      applyMap(
        (x) => {
          const first = inc(x);
          const second = nothing.with({ after: [first] })();
          const third = nothing();
          third.setUpstream(second);
          return third;
        },
        [1, 2],
      ),
    );
    expect(taskNode(graph, "nothing-1")).toMatchObject({ inputs: [], after: [], follows: [each(node(0))] });
    expect(taskNode(graph, "nothing-2")).toMatchObject({ inputs: [], after: [], follows: [each(node(1))] });
  });

  test("returns what stands for all children, also of what it was given", () => {
    const { graph } = flow("same", () => applyMap((x, label) => [x, label], [1, 2], unmapped("label")));
    expect(graph.output).toEqual({ kind: "list", items: [value([1, 2]), value("label")] });
  });

  test("refuses what is no list, another mapping inside, and having nothing to map", () => {
    const codeOf = (build: () => unknown): string => thrownBy(() => flow("bad", build)).code;
    expect(codeOf(() => applyMap((x) => x, 5 as never))).toBe("cannot_map");
    expect(codeOf(() => applyMap((x) => x, unmapped([1])))).toBe("cannot_map");
    expect(codeOf(() => applyMap(() => inc.map([1]), [1]))).toBe("nested_map");
    expect(codeOf(() => applyMap(() => add(1, mapped([1]) as never), [1]))).toBe("nested_map");
    expect(codeOf(() => applyMap(() => applyMap((x) => x, [1]), [1]))).toBe("nested_map");
    expect(codeOf(() => applyMap((x) => flatten([x]), [1]))).toBe("nested_map");
    expect(() => flow("bad", () => applyMap(() => inc.map([1]), [1]))).toThrow("from inside a mapped context");
    const outside = (): unknown => {
      const before = nothing();
      return applyMap(
        (x) => {
          before.setUpstream(inc(x));
          return x;
        },
        [1],
      );
    };
    expect(codeOf(outside)).toBe("nested_map");
  });
});

const resource = resourceManager({
  name: "Database",
  setup: (url: string) => `connection to ${url}`,
  cleanup: (connection: string, url: string) => `${connection} ${url}`,
});

describe("a resource", () => {
  test("is set up before the block, and cleaned up after it", () => {
    const { graph } = flow("resource", () =>
      resource("db").use((connection) => {
        const first = nothing();
        nothing.with({ after: [connection] })();
        return inc.with({ after: [first] })(1);
      }),
    );
    expect(slugs(graph)).toEqual([
      "Database-1",
      "Database.2e.setup-1",
      "nothing-1",
      "nothing-2",
      "inc-1",
      "Database.2e.cleanup-1",
    ]);
    expect(taskNode(graph, "nothing-1").after).toEqual([1]);
    expect(taskNode(graph, "nothing-2").after).toEqual([1]);
    expect(taskNode(graph, "inc-1").after).toEqual([2]);
    expect(taskNode(graph, "Database.2e.cleanup-1")).toMatchObject({ inputs: [node(1), node(0)], awaits: [3, 4] });
    expect(graph.output).toEqual(node(4));
  });

  test("leaves the deciding to what is not about it", () => {
    const { graph } = flow("references", () => void resource("db").use(() => inc(1)));
    expect(graph.referenceNodes).toEqual([2]);
    const { graph: empty } = flow("empty", () => void resource("db").use(() => 1));
    expect(empty.referenceNodes).toEqual([1]);
  });

  test("says what is wrong with it", () => {
    expect(() => resourceManager({ name: "X", cleanup: 1 as never })).toThrow(
      'cleanup of resource "X" must be a function, got 1',
    );
    expect(() => resourceManager(class X {} as never)).toThrow('cleanup of resource class "X" must be a function');
    expect(() => resourceManager({ name: "", cleanup: () => 1 })).toThrow("the name of a task");
  });
});
