import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { flow, range, task, unmapped } from "../../../src/index.ts";

const repeat = task("repeat", (times: number) => "x".repeat(times));
const nap = task("nap", async (_index: number, ms: number) => await sleep(ms));
const lookUp = task("look-up", (index: number, table: Float64Array) => table[index]);
const refuse = task("refuse", (index: number): number => {
  throw new Error(`call ${String(index)} fails`);
});

/** Inputs and results that are too large for a message, and a call that outlasts a third of the shortest lease. */
export const everything = flow("everything", () => ({
  texts: repeat.map([300_000, 10]),
  naps: nap.map(range(1), unmapped(4_000)),
  constants: lookUp.map([0, 1], unmapped(new Float64Array(20_000))),
}));

export const long = flow("long", { parameters: z.object({ ms: z.number() }) }, ({ ms }) =>
  nap.map(range(20), unmapped(ms)),
);

export const failed = flow("failed", () => refuse.map(range(3)));
