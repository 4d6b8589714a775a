import { describe, expectTypeOf, test } from "vitest";
import { mapped, unmapped } from "../../src/flow/annotations.ts";
import type { Handle, MappedHandle } from "../../src/flow/handle.ts";
import { flatten } from "../../src/flow/flatten.ts";
import { range } from "../../src/flow/range.ts";
import { tags } from "../../src/flow/tags.ts";
import { task, Task } from "../../src/flow/task.ts";

const inc = task("inc", (x: number) => x + 1);
const add = task("add", (x: number, y: number) => x + y);
const sum = task("sum", (xs: number[]) => xs.reduce((a, b) => a + b, 0));
const upper = task("upper", (text: string) => text.toUpperCase());
const area = task("area", (box: { width: number; height: number; tags?: string[] }) => box.width * box.height);
const load = task("load", async (url: string, retries?: number) => [url, String(retries)]);
const join = task("join", (separator: string, ...parts: string[]) => parts.join(separator));
const pick = task("pick", (way: "left" | "right") => way);

describe("a call", () => {
  test("returns a handle of what the body returns, awaited", () => {
    expectTypeOf(inc(1)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(load("a")).toEqualTypeOf<Handle<string[]>>();
  });

  test("takes values, handles, and arrays and objects of both", () => {
    expectTypeOf(inc(inc(1))).toEqualTypeOf<Handle<number>>();
    sum([1, inc(1), 2]);
    sum(inc.map([1, 2]));
    sum(range(3));
    area({ width: inc(1), height: 2 });
    area({ width: 1, height: 2, tags: [upper("a"), "b"] });
    area({ width: 1, height: 2, tags: upper.map(["a"]) });
  });

  test("keeps optional and rest parameters", () => {
    load("a", 2);
    load("a", inc(1));
    join(",");
    join(",", "a", upper("b"));
  });

  test("keeps literal types", () => {
    pick("left");
    // @ts-expect-error: no such way
    pick("up");
  });

  test("refuses arguments of another type", () => {
    // @ts-expect-error: a string for a number
    inc("1");
    // @ts-expect-error: a handle of a string for a number
    inc(upper("a"));
    // @ts-expect-error: a handle of a list for a number
    inc(inc.map([1]));
    // @ts-expect-error: a handle of a string among numbers
    sum([inc(1), upper("a")]);
    // @ts-expect-error: a handle of a string deep inside
    area({ width: upper("a"), height: 2 });
    // @ts-expect-error: the task itself instead of its result
    sum([inc]);
  });

  test("refuses unknown and missing keys", () => {
    // @ts-expect-error: no such key
    area({ width: 1, height: 2, depth: 3 });
    // @ts-expect-error: height is missing
    area({ width: 1 });
  });

  test("refuses too few and too many arguments", () => {
    // @ts-expect-error: none of one
    inc();
    // @ts-expect-error: one of two
    add(1);
    // @ts-expect-error: three of two
    add(1, 2, 3);
    // @ts-expect-error: three of one and an optional one
    load("a", 1, 2);
  });

  test("gives a handle no operations of its value", () => {
    // @ts-expect-error: a handle is no number
    expectTypeOf(inc(1) * 2).toBeNumber();
    // @ts-expect-error: a handle is no list
    expectTypeOf(inc.map([1]).length).toBeNumber();
  });
});

describe("a mapped call", () => {
  test("returns a handle of the list of results", () => {
    expectTypeOf(inc.map([1, 2])).toEqualTypeOf<MappedHandle<number>>();
    expectTypeOf(load.map(["a"])).toEqualTypeOf<Handle<string[][]>>();
  });

  test("takes iterables, handles of them, and lists of handles", () => {
    inc.map(new Set([1]));
    inc.map(new Float64Array(3));
    inc.map(range(3));
    inc.map(inc.map([1]));
    inc.map([inc(1), 2]);
    upper.map("abc");
    upper.map(upper("abc"));
    sum.map([[1], inc.map([1]), [inc(1)]]);
    area.map([{ width: inc(1), height: 2 }]);
    pick.map(["left", "right"]);
    join.map([","], "ab", ["c", upper("d")]);
  });

  test("with nothing but unmapped arguments is a plain call", () => {
    expectTypeOf(add.map(unmapped(1), unmapped(inc(2)))).toEqualTypeOf<Handle<number>>();
    expectTypeOf(add.map(unmapped(1), [2])).toEqualTypeOf<Handle<number[]>>();
  });

  test("passes to every child what is unmapped", () => {
    add.map([1], unmapped(2));
    add.map([1], unmapped(inc(2)));
    sum.map(unmapped([1, inc(2)]));
    sum.map(unmapped(inc.map([1])));
    pick.map(unmapped("left"));
    // @ts-expect-error: the whole list for a number
    add.map([1], unmapped([2]));
    // @ts-expect-error: a handle of a string for a number
    add.map([1], unmapped(upper("a")));
  });

  test("refuses what cannot be mapped over", () => {
    // @ts-expect-error: a number
    inc.map(5);
    // @ts-expect-error: a plain object
    inc.map({ a: 1 });
    // @ts-expect-error: a handle of a number
    inc.map(inc(1));
    // @ts-expect-error: one of two is a number
    add.map([1], 2);
    // @ts-expect-error: undefined
    inc.map(undefined);
  });

  test("refuses elements of another type, and a wrong number of arguments", () => {
    // @ts-expect-error: strings for numbers
    inc.map(["a"]);
    // @ts-expect-error: a handle of strings for numbers
    inc.map(upper.map(["a"]));
    // @ts-expect-error: characters for numbers
    inc.map("123");
    // @ts-expect-error: no such way
    pick.map(["left", "up"]);
    // @ts-expect-error: one of two
    add.map([1]);
    // @ts-expect-error: three of two
    add.map([1], [2], [3]);
    // @ts-expect-error: none of one
    inc.map();
  });
});

describe("flatten", () => {
  test("removes one level of nesting", () => {
    expectTypeOf(sum(flatten(range.map([1, 2])))).toEqualTypeOf<Handle<number>>();
    expectTypeOf(inc.map(flatten(range.map([1, 2])))).toEqualTypeOf<Handle<number[]>>();
    inc.map(flatten([[1, inc(1)], range(3), inc.map([1])]));
    sum.map(unmapped(flatten(range.map([1, 2]))));
    sum.map(flatten([range.map([1, 2])]));
  });

  test("leaves elements that are no lists", () => {
    sum(flatten(inc.map([1])));
    upper.map(flatten(upper.map(["abc"])));
  });

  test("refuses what holds no elements, and a level too few", () => {
    // @ts-expect-error: a handle of a number
    flatten(inc(1));
    // @ts-expect-error: lists for numbers
    inc.map(flatten([range.map([1])]));
  });
});

describe("mapped", () => {
  test("makes a plain call a mapped one, also deep inside an argument", () => {
    expectTypeOf(add(mapped([1, 2]), 3)).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(add(mapped(range(3)), inc(1))).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(area({ width: mapped([1, inc(2)]), height: 2 })).toEqualTypeOf<Handle<number[]>>();
    expectTypeOf(add.map(mapped([1]), [2])).toEqualTypeOf<Handle<number[]>>();
  });

  test("refuses what cannot be mapped over", () => {
    // @ts-expect-error: a number
    add(mapped(5), 1);
    // @ts-expect-error: strings for numbers
    add(mapped(["a"]), 1);
  });
});

describe("with", () => {
  test("gives the same task again", () => {
    expectTypeOf(inc.with({ after: [upper("a")] })(1)).toEqualTypeOf<Handle<number>>();
    expectTypeOf(inc.with({ after: [] }).map([1])).toEqualTypeOf<Handle<number[]>>();
    // @ts-expect-error: a value is nothing to wait for
    inc.with({ after: [1] });
    // @ts-expect-error: no such option
    inc.with({ before: [] });
  });
});

describe("a task", () => {
  test("has its body as it was given", () => {
    expectTypeOf(inc.run(1)).toBeNumber();
    expectTypeOf(load.run("a")).toEqualTypeOf<Promise<string[]>>();
    expectTypeOf(inc).toExtend<Task<[x: number], number>>();
  });

  test("takes the types of its parameters from where they are written", () => {
    const scale = task("scale", (x: number, factor = 2, ...rest: string[]) => x * factor + rest.length);
    expectTypeOf<Parameters<typeof scale.run>>().toEqualTypeOf<
      [x: number, factor?: number | undefined, ...rest: string[]]
    >();
    scale(1, inc(1), upper("a"));
    // @ts-expect-error: a string for a number
    scale(1, "2");
    // @ts-expect-error: no function
    task("t", 5);
  });

  test("refuses unknown and wrong options", () => {
    // @ts-expect-error: no such option
    task("t", () => 1, { triger: undefined });
    // @ts-expect-error: a name is no trigger
    task("t", () => 1, { trigger: "all_failed" });
  });

  test("may be an instance of a class", () => {
    class RandomNum extends Task<[{ stop: number }], number> {
      run({ stop }: { stop: number }): number {
        return Math.floor(Math.random() * stop);
      }
    }
    const randomNum = new RandomNum();
    expectTypeOf(randomNum({ stop: inc(1) })).toEqualTypeOf<Handle<number>>();
    expectTypeOf(randomNum.map([{ stop: 1 }])).toEqualTypeOf<Handle<number[]>>();
    // @ts-expect-error: a string for a number
    randomNum({ stop: "1" });
    // @ts-expect-error: no such key
    randomNum({ stop: 1, start: 0 });
  });
});

describe("range", () => {
  test("takes one, two or three numbers or handles", () => {
    expectTypeOf(range(3)).toEqualTypeOf<Handle<number[]>>();
    range(inc(1), 5);
    range(0, inc(1), 2);
    // @ts-expect-error: a string for a number
    range("3");
    // @ts-expect-error: one at least
    range();
  });
});

describe("an item of a handle", () => {
  const report = task("report", () => ({ total: 1, rows: ["a"], pair: [1, "b"] as const }));

  test("has the type of the property or the element", () => {
    const made = report();
    expectTypeOf(made.get("total")).toEqualTypeOf<Handle<number>>();
    expectTypeOf(made.get("rows").at(0)).toEqualTypeOf<Handle<string>>();
    expectTypeOf(made.get("pair").get(0)).toEqualTypeOf<Handle<1>>();
    expectTypeOf(inc.map([1]).at(-1)).toEqualTypeOf<Handle<number>>();
    inc(made.get("total"));
    // @ts-expect-error: no such property
    made.get("sum");
    // @ts-expect-error: a number has no elements
    inc(1).at(0);
  });
});

test("tags(…) returns what its function returns", () => {
  expectTypeOf(tags("a", "b", () => inc(1))).toEqualTypeOf<Handle<number>>();
  // @ts-expect-error: no function
  tags("a", "b");
});
