import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { context, flow, range, task, unmapped } from "../../../src/index.ts";

const parameters = z.object({
  /** Where each body leaves a line. */
  journal: z.string(),
  n: z.number().int(),
  ms: z.number(),
});

/** Bodies run in many processes: a line is written at once, or not at all. */
function note(journal: string, what: string): void {
  appendFileSync(journal, `${what}\n`);
}

const seed = task("seed", (journal: string, n: number) => {
  note(journal, "seed");
  return Array.from({ length: n }, (_, index) => ({ index, journal }));
});
const square = task("square", async ({ index, journal }: { index: number; journal: string }, ms: number) => {
  await delay(ms);
  note(journal, `square ${String(index)}`);
  return { index, journal, square: index * index };
});
/** Fails once for every fifth call. */
const halve = task(
  "halve",
  async ({ index, journal, square }: { index: number; journal: string; square: number }, ms: number) => {
    await delay(ms / 4);
    note(journal, `halve ${String(index)} ${String(context.taskRunCount)}`);
    if (index % 5 === 0 && context.taskRunCount === 1) throw new Error(`not yet: ${String(index)}`);
    return square / 2;
  },
  { maxRetries: 2, retryDelay: 0 },
);
const shape = task("shape", async (half: number, ms: number) => {
  await delay(ms / 4);
  return [half, context.date.getTime()];
});
const total = task("total", (pairs: readonly (readonly number[])[]) => ({
  sum: pairs.reduce((sum, [half = 0]) => sum + half, 0),
  dates: new Set(pairs.map(([, date]) => date)).size,
}));

/** A plain task, a chain of three maps that is fused, retries in its middle, and a result of all of it. */
export const resumable = flow("resumable", { parameters }, ({ journal, n, ms }) => {
  const squares = square.map(seed(journal, n), unmapped(ms));
  return total(shape.map(halve.map(squares, unmapped(ms)), unmapped(ms)));
});

const fail = task("fail", (index: number, journal: string): number => {
  note(journal, `fail ${String(index)}`);
  throw new Error(`no: ${String(index)}`);
});

export const failing = flow("failing", { parameters }, ({ journal, n }) => fail.map(range(n), unmapped(journal)));
