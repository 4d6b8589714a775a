/** How rivals reach a wanted size: in batches of ten, at the account's rate or their service's, trying again at the next look. */
import type { World } from "../../../src/simulate/world.ts";
import type { Worker } from "../../../src/simulate/worker.ts";

/** Launches what is missing, at most `most` workers now. */
export function replaceMissing(world: World, wanted: number, most: number): void {
  const leaving = world.counts.leaving;
  let missing = Math.min(wanted - (world.alive.size - leaving), most);
  while (missing > 0) {
    const { started, failures } = world.launch(Math.min(10, missing), world.trace.cloud.capacity);
    missing -= started;
    if (failures.length > 0) return;
  }
}

/** A service's deployment stops any of its tasks; those that have not started go first, then the youngest. */
export function stopSome(world: World, count: number): void {
  const workers = [...world.alive].filter(({ state }) => state !== "leaving");
  const starting = workers.filter(({ state }) => state === "starting");
  const here = workers.filter(({ state }) => state === "here").reverse();
  for (const worker of [...starting, ...here].slice(0, Math.max(0, count))) world.stop(worker);
}

export function idleWorkers(world: World): readonly Worker[] {
  return [...world.alive].filter((worker) => worker.state === "here" && worker.chunks.size === 0);
}
