import { describe, expectTypeOf, test } from "vitest";
import * as z from "zod";
import type { FlowRunner } from "../../src/flow/flow.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import type { Handle } from "../../src/flow/handle.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { range } from "../../src/flow/range.ts";
import type { Resolved } from "../../src/flow/resolved.ts";
import { task } from "../../src/flow/task.ts";
import type { FlowState } from "../../src/flow/flow-state.ts";

declare const runner: FlowRunner;
const flow = createFlowFactory(runner);
const inc = task("inc", (x: number) => x + 1);
const upper = task("upper", (text: string) => text.toUpperCase());

describe("the result of a run", () => {
  test("is the builder's return value with values for handles", async () => {
    const one = flow("one", () => inc(1));
    expectTypeOf((await one.run()).result).toEqualTypeOf<number>();
    const list = flow("list", () => inc.map([1]));
    expectTypeOf(list.run()).toEqualTypeOf<Promise<FlowState<number[]>>>();
  });

  test("keeps arrays, tuples and objects", async () => {
    const nest = flow("nest", () => ({ both: [inc(1), upper("a")], deep: { list: inc.map([1]) }, plain: "x" }));
    const { result } = await nest.run();
    expectTypeOf(result.both).toEqualTypeOf<[number, string]>();
    expectTypeOf(result.deep.list).toEqualTypeOf<number[]>();
    expectTypeOf(result.plain).toEqualTypeOf<"x">();
  });

  test("is what the builder returned where there are no handles", () => {
    expectTypeOf<Resolved<Date>>().toEqualTypeOf<Date>();
    expectTypeOf<Resolved<undefined>>().toEqualTypeOf<undefined>();
    expectTypeOf<Resolved<unknown>>().toEqualTypeOf<unknown>();
    expectTypeOf<Resolved<Handle<number>[]>>().toEqualTypeOf<number[]>();
    expectTypeOf<Resolved<Handle<number> | string>>().toEqualTypeOf<number | string>();
  });
});

describe("parameters of a zod object", () => {
  const parameters = z.object({ n: z.number().default(100), url: z.string(), tag: z.string().optional() });
  const typed = flow("typed", { parameters }, ({ n, url, tag }) => {
    expectTypeOf(n).toEqualTypeOf<Handle<number>>();
    expectTypeOf(tag).toEqualTypeOf<Handle<string | undefined>>();
    // @ts-expect-error: a string for a number
    inc(url);
    // @ts-expect-error: it may be missing
    upper(tag);
    return [inc.map(range(n)), upper(url)];
  });

  test("are typed in the builder and in a run", () => {
    expectTypeOf(typed.run({ parameters: { url: "a" } })).toEqualTypeOf<Promise<FlowState<[number[], string]>>>();
    // @ts-expect-error: a number for a string
    void typed.run({ parameters: { url: 1 } });
    // @ts-expect-error: no such parameter
    void typed.run({ parameters: { url: "a", m: 1 } });
  });

  test("must be given where there is no default", () => {
    // @ts-expect-error: url is missing
    void typed.run({ parameters: { n: 1 } });
    // @ts-expect-error: all are missing
    void typed.run();
    // @ts-expect-error: all are missing
    void typed.run({});
    const free = flow("free", { parameters: z.object({ n: z.number().default(1) }) }, ({ n }) => inc(n));
    void free.run();
  });

  test("that the flow does not have are no property of the builder's argument", () => {
    flow("unknown", { parameters }, (given) => {
      // @ts-expect-error: no such parameter
      expectTypeOf(given.m).toBeNever();
    });
  });
});

describe("Parameter", () => {
  test("takes its type from where it can, with or without new", () => {
    flow("parameters", () => {
      expectTypeOf(Parameter<number>("a")).toEqualTypeOf<Handle<number>>();
      expectTypeOf(new Parameter<number>("b")).toEqualTypeOf<Handle<number>>();
      expectTypeOf(Parameter("c", { default: 5 })).toEqualTypeOf<Handle<number>>();
      expectTypeOf(new Parameter("d", { schema: z.string() })).toEqualTypeOf<Handle<string>>();
      expectTypeOf(Parameter("e", { schema: z.coerce.number(), required: false })).toEqualTypeOf<Handle<number>>();
      expectTypeOf(Parameter("f")).toEqualTypeOf<Handle<unknown>>();
      inc(Parameter("g")); // the task says that it is a number
      const h = Parameter("h");
      // @ts-expect-error: nothing says that it is a number
      inc(h);
    });
  });

  test("lets a run take any parameters", () => {
    void flow("any", () => inc(Parameter<number>("stop"))).run({ parameters: { stop: 5 } });
  });
});

describe("options", () => {
  test("that a flow or a run does not have are refused", () => {
    // @ts-expect-error: no such option
    flow("wrong", { executer: undefined }, () => 1);
    // @ts-expect-error: no such option
    void flow("wrong", () => 1).run({ exec: undefined });
  });
});
