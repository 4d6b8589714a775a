import { describe, expectTypeOf, test } from "vitest";
import { unmapped } from "../../src/flow/annotations.ts";
import { applyMap } from "../../src/flow/apply-map.ts";
import { caseOf } from "../../src/flow/case.ts";
import { FilterTask } from "../../src/flow/filter-task.ts";
import type { Handle, MappedHandle } from "../../src/flow/handle.ts";
import { merge } from "../../src/flow/merge.ts";
import { range } from "../../src/flow/range.ts";
import { resourceManager } from "../../src/flow/resource-manager.ts";
import { ifElse, switchOn } from "../../src/flow/switch.ts";
import { task } from "../../src/flow/task.ts";

const inc = task("inc", (x: number) => x + 1);
const upper = task("upper", (text: string) => text.toUpperCase());
const pick = task("pick", (n: number): "left" | "right" => (n > 0 ? "left" : "right"));

describe("branches", () => {
  test("return what their block returns", () => {
    expectTypeOf(caseOf(inc(1), 2, () => upper("a"))).toEqualTypeOf<Handle<string>>();
    expectTypeOf(caseOf(pick, "left", () => ({ a: inc(1) }))).toEqualTypeOf<{ readonly a: Handle<number> }>();
  });

  test("take only what the condition can be", () => {
    // @ts-expect-error -- the condition is a number
    caseOf(inc(1), "two", () => undefined);
    // @ts-expect-error -- neither left nor right
    caseOf(pick(1), "middle", () => undefined);
  });

  test("give what each branch gives", () => {
    const results = switchOn(pick(1), { left: () => inc(1), right: upper("b") });
    expectTypeOf(results.left).toEqualTypeOf<Handle<number>>();
    expectTypeOf(results.right).toEqualTypeOf<Handle<string>>();
    expectTypeOf(ifElse(inc(1), () => inc(2), upper("a"))).toEqualTypeOf<readonly [Handle<number>, Handle<string>]>();
  });

  test("merge to the union of their results", () => {
    expectTypeOf(merge(inc(1), upper("a"))).toEqualTypeOf<Handle<number | string>>();
    expectTypeOf(merge(...ifElse(1, () => inc(1), () => upper("a")))).toEqualTypeOf<Handle<number | string>>(); // prettier-ignore
    expectTypeOf(merge.map(inc.map([1]), upper.map(["a"]))).toEqualTypeOf<MappedHandle<number | string>>();
  });
});

describe("applyMap", () => {
  test("calls its function with handles of elements, and gives handles of lists", () => {
    const results = applyMap(
      (x, text, whole) => {
        expectTypeOf(x).toEqualTypeOf<Handle<number>>();
        expectTypeOf(text).toEqualTypeOf<Handle<string>>();
        expectTypeOf(whole).toEqualTypeOf<Handle<number>>();
        return { inc: inc(x), pair: [upper(text), x] as const };
      },
      range(3),
      [upper("a"), upper("b")],
      unmapped(inc(1)),
    );
    expectTypeOf(results.inc).toEqualTypeOf<MappedHandle<number>>();
    expectTypeOf(results.pair).toEqualTypeOf<readonly [MappedHandle<string>, MappedHandle<number>]>();
    // @ts-expect-error -- a number has no elements
    applyMap((x) => x, 5);
  });
});

test("a filter takes what may fail or be skipped, and gives what is there", () => {
  expectTypeOf(new FilterTask<number>()(inc.map([1]))).toEqualTypeOf<Handle<number[]>>();
});

test("a resource is typed by its functions", () => {
  const manager = resourceManager({
    name: "Database",
    setup: (url: string) => Promise.resolve({ url }),
    cleanup: (connection) => connection.url,
  });
  manager("db").use((connection) => {
    expectTypeOf(connection).toEqualTypeOf<Handle<{ url: string }>>();
  });
  // @ts-expect-error -- a URL is a string
  manager(1);
  class Cluster {
    readonly size: number;
    constructor(size: number) {
      this.size = size;
    }
    setup(): number[] {
      return [this.size];
    }
    cleanup(nodes: number[]): void {
      nodes.pop();
    }
  }
  resourceManager(Cluster)(inc(1)).use((nodes) => {
    expectTypeOf(nodes).toEqualTypeOf<Handle<number[]>>();
  });
});
