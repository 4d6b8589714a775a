import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { flow, range, task, unmapped } from "../../../src/index.ts";

/** Which worker ran the call, and when. */
export interface Trace {
  readonly worker: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

const nap = task("nap", async (_index: number, ms: number): Promise<Trace> => {
  const startedAt = Date.now();
  await sleep(ms);
  return { worker: process.pid, startedAt, endedAt: Date.now() };
});
const name = task("name", (x: number) => `first ${String(x)} by ${String(process.pid)}`);

/** Calls that take so long each, and tell who ran them. */
export const naps = flow("naps", { parameters: z.object({ n: z.number().int(), ms: z.number() }) }, ({ n, ms }) =>
  nap.map(range(n), unmapped(ms)),
);

export const firstNames = flow("first-names", { parameters: z.object({ n: z.number().int() }) }, ({ n }) =>
  name.map(range(n)),
);
