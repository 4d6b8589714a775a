/**
 * A map over a map: a hundred numbers go through `inc` and through `dec`, pairs of the two through `add`, and all of them
 * into `sum`. No stage waits for the one before it: `add` runs for a pair as soon as its two numbers are there.
 *
 *     npx tsx examples/map-add-sum.ts             one call after the other, in this process
 *     npx tsx examples/map-add-sum.ts --fargate   on worker processes, through the embedded cloud
 */

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { FargateExecutor, flow, LocalExecutor, range, task } from "../src/index.ts";

const MAX_NAP_MS = 100;

/** Stands for work that takes a while, and not always the same. */
const nap = (): Promise<void> => sleep(Math.random() * MAX_NAP_MS);

const inc = task("inc", async (x: number) => {
  await nap();
  return x + 1;
});

const dec = task("dec", async (x: number) => {
  await nap();
  return x - 1;
});

const add = task("add", async (x: number, y: number) => {
  await nap();
  return x + y;
});

const sum = task("sum", (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0));

export const mapAddSum = flow(
  "map-add-sum",
  { parameters: z.object({ n: z.number().int().nonnegative().default(100) }) },
  ({ n }) => {
    const incs = inc.map(range(n));
    const decs = dec.map(range(n));
    return sum(add.map(incs, decs));
  },
);

const executor = process.argv.includes("--fargate") ? new FargateExecutor() : new LocalExecutor();
const state = await mapAddSum.run({ executor });
console.log(`${state.kind}: the sum is ${state.result}, after ${state.elapsedMs} ms`);
