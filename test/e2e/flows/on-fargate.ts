import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { flow, range, task } from "../../../src/index.ts";

const slowSquare = task("slow-square", async (x: number) => {
  await delay(60);
  return x * x;
});
const sum = task("sum", (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0));
const readVariable = task("read-variable", (name: string) => process.env[name]);
const fail = task("fail", (x: number): number => {
  throw new Error(`no square of ${String(x)}`);
});

const numbers = { parameters: z.object({ n: z.number().int() }) };

/** Long enough for something to happen meanwhile: 60 ms for each call. */
export const slowSquares = flow("slow-squares", numbers, ({ n }) => sum(slowSquare.map(range(n))));

export const variable = flow("variable", { parameters: z.object({ name: z.string() }) }, ({ name }) =>
  readVariable(name),
);

export const failing = flow("failing", numbers, ({ n }) => sum(fail.map(range(n))));

const twice = task("twice", (text: string) => text + text);
const length = task("length", (text: string) => text.length);

/** Large enough for an object of its own on the way there, and another on the way on. */
export const encrypted = flow("encrypted", { parameters: z.object({ text: z.string() }) }, ({ text }) =>
  length(twice(text)),
);
