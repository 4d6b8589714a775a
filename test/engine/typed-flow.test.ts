import { expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { unmapped } from "../../src/flow/annotations.ts";
import { flatten } from "../../src/flow/flatten.ts";
import type { Handle } from "../../src/flow/handle.ts";
import { task } from "../../src/flow/task.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { flowWith } from "./support/test-flow.ts";

const flow = flowWith();

const list = task("list", (n: number) => Array.from({ length: n }, (_, i) => i));
const inc = task("inc", (x: number) => x + 1);
const dec = task("dec", (x: number) => x - 1);
const add = task("add", (x: number, y: number) => x + y);
const twice = task("twice", (x: number) => [x, x]);
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));

it("runs what the authoring functions make, and gives the builder's value with its type", async () => {
  const handles: { added?: Handle<number[]> } = {};
  const example = flow("example", { parameters: z.object({ n: z.number().int().default(100) }) }, ({ n }) => {
    const numbers = list(n);
    const added = add.map(inc.map(numbers), dec.map(numbers));
    handles.added = added;
    return {
      total: sum(added),
      parts: [sum(flatten(twice.map(numbers))), sum(add.map(numbers, unmapped(1)))] as const,
      n,
    };
  });
  const state = await example.run();
  expectTypeOf(state.result).toEqualTypeOf<{ total: number; parts: [number, number]; n: number }>();
  expect(state.result).toEqual({ total: 9900, parts: [9900, 5050], n: 100 });
  const { added } = handles;
  if (added !== undefined) expect(state.of(added).kind).toBe("Mapped");
  expect((await example.run({ parameters: { n: 3 }, executor: new CustomExecutor(2) })).result.total).toBe(6);
});

it("refuses handles of another flow", async () => {
  let foreign: Handle<number> | undefined;
  flow("other", () => (foreign = inc(1)));
  const state = await flow("example", () => inc(1)).run();
  if (foreign === undefined) throw new Error("no handle");
  const handle = foreign;
  expect(() => state.of(handle)).toThrow('state.of needs a handle of flow "example", got one of another flow');
});
