/**
 * A fleet that grows and shrinks with the work: it begins with one worker, and what is decided is printed as it happens.
 *
 *     npx tsx examples/adaptive-scaling.ts
 */

import { setTimeout as sleep } from "node:timers/promises";
import { FargateExecutor, flow, range, type RunEvent, task } from "../src/index.ts";

const CALL_MS = 50;

const work = task("work", async (x: number) => {
  await sleep(CALL_MS);
  return x;
});
const count = task("count", (xs: readonly number[]) => xs.length);

export const adaptiveScaling = flow("adaptive-scaling", () => count(work.map(range(200))));

const executor = new FargateExecutor({
  clusterKwargs: { nWorkers: 1, threadsPerWorker: 2 }, // what it begins with
  adaptKwargs: { minimum: 1, maximum: 3, targetDuration: "2s", interval: "250ms", budget: { usd: 1 } },
});

function tell(event: RunEvent): void {
  if (event.type !== "executor" || event.event.kind !== "scaling-decided") return;
  console.log(event.event.sentence);
}

const state = await adaptiveScaling.run({ executor, onEvent: tell });
console.log(`${state.kind}: ${state.result} calls on ${state.report?.workers} workers, ${state.elapsedMs} ms`);
console.log(`limited by: ${state.report?.limitedBy}`);
