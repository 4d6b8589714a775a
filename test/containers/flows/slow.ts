import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { flow, range, task } from "../../../src/index.ts";

const doubleSlowly = task("double-slowly", async (x: number) => {
  await sleep(200);
  return 2 * x;
});
const whereAmI = task("where-am-i", () => ({
  pid: process.pid,
  user: process.getuid?.(),
  greeting: process.env["GREETING"],
}));

/** Calls of a fifth of a second each: there is time to do something to a worker meanwhile. */
export const slow = flow("slow", { parameters: z.object({ n: z.number().int() }) }, ({ n }) =>
  doubleSlowly.map(range(n)),
);

/** What a worker's code sees of its container. */
export const surroundings = flow("surroundings", () => whereAmI());
