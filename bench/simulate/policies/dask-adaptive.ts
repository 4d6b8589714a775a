/** Dask Adaptive with its defaults: interval 1 s, target duration 5 s, wait count 3, no limit but the quota. */
import type { Policy, World } from "../../../src/simulate/world.ts";
import type { Worker } from "../../../src/simulate/worker.ts";
import { daskTarget } from "./dask-formula.ts";
import { idleWorkers, replaceMissing } from "./plain-launcher.ts";

const waitCount = 3;

export function daskAdaptive(maximum: number): Policy {
  /** How often in a row each worker was recommended to close. */
  let closing = new Map<Worker, number>();
  return {
    name: "Dask Adaptive",
    intervalMs: 1_000,
    tick: (world) => {
      const idle = idleWorkers(world);
      const target = Math.min(
        maximum,
        daskTarget({ ...load(world), workers: world.counts.here, idleWorkers: idle.length }),
      );
      const plan = world.alive.size - world.counts.leaving;
      if (target >= plan) {
        if (target > plan) closing = new Map();
        return replaceMissing(world, target, Infinity);
      }
      // Those that have not arrived go first; then idle ones.
      const starting = [...world.alive].filter(({ state }) => state === "starting");
      const toClose = [...starting, ...idle].slice(0, plan - target);
      closing = new Map(toClose.map((worker) => [worker, (closing.get(worker) ?? 0) + 1]));
      for (const [worker, rounds] of closing) if (rounds >= waitCount) world.drain(worker);
    },
  };
}

function load(world: World): {
  readonly queued: number;
  readonly processing: number;
  readonly averageSeconds: number | undefined;
} {
  let [queued, all, seconds] = [0, 0, 0];
  let known = false;
  world.trace.batches.forEach((batch, index) => {
    const mean = world.durations.get(batch.task)?.meanMs;
    const remaining = world.remainingIn(index);
    known ||= mean !== undefined && remaining > 0;
    queued += world.waitingIn(index);
    all += remaining;
    seconds += (remaining * (mean ?? 500)) / 1_000;
  });
  return { queued, processing: all - queued, averageSeconds: known && all > 0 ? seconds / all : undefined };
}
