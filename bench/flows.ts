/** The flows that the benchmarks run. In a module of their own, since workers evaluate the module that defines a flow. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { flow, range, task } from "../src/index.ts";

const noop = task("noop", (x: number) => x);
const count = task("count", (xs: readonly number[]) => xs.length);
const pause = task("pause", async (ms: number) => {
  await sleep(ms);
  return ms;
});
const spin = task("spin", (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return ms;
});

const width = z.object({ n: z.number().int() });
const stage = z.object({ calls: z.number().int(), ms: z.number() });

/** No-op calls, of which the driver gets the number only. */
export const noopCalls = flow("noop-calls", { parameters: width }, ({ n }) => count(noop.map(range(n))));

/** No-op calls whose results all come home. */
export const noopResults = flow("noop-results", { parameters: width }, ({ n }) => noop.map(range(n)));

/** Plain calls one after the other: each is a round trip. */
export const roundTrips = flow("round-trips", () => {
  let last = noop(0);
  for (let i = 1; i < 200; i += 1) last = noop(last);
  return last;
});

export const oneCall = flow("one-call", () => noop(1));

/** Enough calls that every slot has had one. */
const warmUp = [1, 2, 3, 4, 5, 6, 7, 8];
const repeated = task("repeated", (calls: number, ms: number) => Array.from({ length: calls }, () => ms));

/** A stage that waits, behind one that warms the workers up. */
export const sleeps = flow("sleeps", { parameters: stage }, ({ calls, ms }) =>
  count(pause.with({ after: [noop.map(warmUp)] }).map(repeated(calls, ms))),
);

/** The same with calls that keep a core busy. */
export const spins = flow("spins", { parameters: stage }, ({ calls, ms }) =>
  count(spin.with({ after: [noop.map(warmUp)] }).map(repeated(calls, ms))),
);
