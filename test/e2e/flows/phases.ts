import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { flow, task, unmapped } from "../../../src/index.ts";

/** Takes its time after something else, and leaves a mark of each time that it is run. */
const take = task("take", async (ms: number, directory: string, before: number) => {
  await writeFile(join(directory, randomUUID()), String(before));
  await delay(ms);
  return ms;
});
const total = task("total", (all: readonly number[]) => all.reduce((a, b) => a + b, 0));
const pause = task("pause", async (ms: number, before: number) => {
  await delay(ms);
  return before;
});

const durations = z.array(z.number());

/** A burst of calls, a single call, another burst. */
export const phases = flow(
  "phases",
  { parameters: z.object({ first: durations, pauseMs: z.number(), second: durations, directory: z.string() }) },
  ({ first, pauseMs, second, directory }) => {
    const before = total(take.map(first, unmapped(directory), unmapped(0)));
    const paused = pause(pauseMs, before);
    const after = total(take.map(second, unmapped(directory), unmapped(paused)));
    return { before, after };
  },
);
