/** A simulated run of a fleet as an executor's options describe it. */
import { addLimit, limitLine, limitOfRound, type LimitsTally } from "../adaptive/limits-tally.ts";
import type { FleetProfile } from "../executors/executor.ts";
import { US_EAST_1_PRICES } from "../base/prices.ts";
import type { Billing } from "./billing.ts";
import type { DriverMemory } from "./driver-view.ts";
import { ours } from "./our-policy.ts";
import type { Batch, Cloud } from "./trace.ts";
import { World } from "./world.ts";
import type { Worker } from "./worker.ts";
import type { Outcome } from "./outcome.ts";

export interface FleetRun {
  readonly batches: readonly Batch[];
  readonly fleet: FleetProfile;
  readonly startUp: StartUp;
  readonly memory: DriverMemory;
  /** Whether workers cost nothing while the decisions are made: those of this machine. What they would cost is told. */
  readonly free: boolean;
  /** Milliseconds since the epoch: what the fleet's `finishBy` counts from. */
  readonly startedAt: number;
  /** What a chunk takes besides its calls. @default 30 ms */
  readonly chunkMs?: number | undefined;
}

export interface StartUp {
  /** Median, from RunTask to hello. */
  readonly ms: number;
  /** Log-normal: 0.15 varies by 15 %. */
  readonly sigma: number;
}

export interface FleetOutcome extends Outcome {
  /** What gave the fleet its size for the longest time, as a run's report says it. */
  readonly limitedBy: string | undefined;
  /** Workers that are there, told whenever that changes. */
  readonly here: readonly WorkersAt[];
}

export interface WorkersAt {
  readonly atMs: number;
  readonly workers: number;
}

/** The same chance in every run, so that two outcomes differ by their options only. */
const seed = 1;

export function simulateFleet({ batches, fleet, startUp, memory, free, startedAt, chunkMs }: FleetRun): FleetOutcome {
  const { finishBy, budgetUsd } = fleet;
  const trace = { name: "run", about: "", batches, cloud: { ...cloudOf(fleet, startUp, free), chunkMs } };
  let limits: LimitsTally = new Map();
  const policy = ours({
    name: "run",
    adapt: { ...fleet, finishBy: finishBy === undefined ? undefined : finishBy - startedAt, budgetUsd },
    fallBack: fleet.fallBack,
    memory,
    endsWithRun: true,
    ...(free && { price: { usdPerHour: 0, minimumMs: 0, unbilledStartUpMs: 0 } }),
    onRound: (result, input, now) => {
      if (input.view.work.remainingCalls === 0) return;
      limits = addLimit(limits, limitOfRound(result, input.limits, now), fleet.intervalMs);
    },
  });
  const world = new World(trace, policy, seed);
  const outcome = world.run();
  return { ...outcome, limitedBy: limitLine(limits), here: workersOverTime(world.workers) };
}

/** The quota is the account's to tell, which is not asked. */
function cloudOf(fleet: FleetProfile, startUp: StartUp, free: boolean): Cloud {
  return {
    capacity: fleet.spot ? "spot" : "on-demand",
    startUpMs: startUp.ms,
    startUpSigma: startUp.sigma,
    quota: Infinity,
    slotsPerWorker: fleet.slotsPerWorker,
    billing: billingOf(fleet, free),
    spotStorm: undefined,
    drought: undefined,
  };
}

/** What a worker of this machine would have been paid is told from its launch on, as a run's cost is. */
function billingOf({ usdPerHour, prices = US_EAST_1_PRICES }: FleetProfile, free: boolean): Billing {
  const minimumMs = prices.fargate.minimumSeconds * 1_000;
  return { usdPerHour, minimumMs, unbilledStartUpMs: free ? 0 : 10_000 };
}

function workersOverTime(workers: readonly Worker[]): readonly WorkersAt[] {
  const changes = workers.flatMap(({ joinedAt, endedAt }) => {
    if (joinedAt === undefined) return [];
    return [{ at: joinedAt, by: 1 }, ...(Number.isFinite(endedAt) ? [{ at: endedAt, by: -1 }] : [])];
  });
  changes.sort((a, b) => a.at - b.at);
  const steps = new Map([[0, 0]]);
  let count = 0;
  for (const { at, by } of changes) steps.set(at, (count += by));
  return [...steps].map(([atMs, each]) => ({ atMs, workers: each }));
}
