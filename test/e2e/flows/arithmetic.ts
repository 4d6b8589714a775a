import * as z from "zod";
import { flatten, flow, mapped, range, task, unmapped } from "../../../src/index.ts";

const inc = task("inc", (x: number) => x + 1);
const dec = task("dec", (x: number) => x - 1);
const add = task("add", (x: number, y: number) => x + y);
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const upTo = task("up-to", (x: number) => Array.from({ length: x }, (_, i) => i));
const scale = task("scale", (x: number, by: { factor: number }) => x * by.factor);
const describe = task(
  "describe",
  (parts: { total: number; names: string[] }) => `${parts.names.join("+")}=${String(parts.total)}`,
);

/** Zip of two mapped tasks, and a reduce. */
export const zipAndSum = flow("zip-and-sum", { parameters: z.object({ n: z.number().int() }) }, ({ n }) => {
  const incs = inc.map(range(n));
  const decs = dec.map(range(n));
  return { total: sum(add.map(incs, decs)), incs };
});

/** A chain of mapped tasks, which is fused, with an unmapped object. */
export const chain = flow("chain", { parameters: z.object({ n: z.number().int() }) }, ({ n }) =>
  scale.map(dec.map(inc.map(inc.map(range(n)))), unmapped({ factor: 10 })),
);

/** Lists of different lengths, flattened over slices that do not match the chunks. */
export const flattened = flow("flattened", { parameters: z.object({ n: z.number().int() }) }, ({ n }) =>
  inc.map(flatten(upTo.map(range(n)))),
);

/** Handles inside objects and lists. */
export const nested = flow("nested", () => {
  const five = add(2, 3);
  return { text: describe({ total: five, names: ["two", "three"] }), list: sum([five, inc(five), 1]) };
});

/** Mapped inputs deep inside an argument: a call for each element, with lists and objects around it. */
export const mappedInside = flow("mapped-inside", () =>
  describe({ total: mapped(inc.map([1, 2])), names: [mapped(["a", "b"]), "x"] }),
);
