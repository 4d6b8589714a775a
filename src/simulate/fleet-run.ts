/** A simulated run of a fleet as an executor's options describe it. */
import type { BoundName } from "../adaptive/decision.ts";
import type { FleetProfile } from "../executors/executor.ts";
import { US_EAST_1_PRICES } from "../observe/prices.ts";
import { workerUsdPerHour } from "../observe/worker-price.ts";
import type { Billing } from "./billing.ts";
import type { DriverMemory } from "./driver-view.ts";
import { ours } from "./our-policy.ts";
import type { Batch, Cloud } from "./trace.ts";
import { type Outcome, World } from "./world.ts";

export interface FleetRun {
  readonly batches: readonly Batch[];
  readonly fleet: FleetProfile;
  readonly startUp: StartUp;
  readonly memory: DriverMemory;
  /** Milliseconds since the epoch: what the fleet's `finishBy` counts from. */
  readonly startedAt: number;
}

export interface StartUp {
  /** Median, from RunTask to hello. */
  readonly ms: number;
  /** Log-normal: 0.15 varies by 15 %. */
  readonly sigma: number;
}

export interface FleetOutcome extends Outcome {
  /** Bounds that gave the fleet its size, with the time for which they did, the longest first. */
  readonly limits: readonly { readonly name: BoundName; readonly ms: number }[];
}

/** The same chance in every run, so that two outcomes differ by their options only. */
const seed = 1;

export function simulateFleet({ batches, fleet, startUp, memory, startedAt }: FleetRun): FleetOutcome {
  const { finishBy, budgetUsd } = fleet;
  const trace = { name: "run", about: "", batches, cloud: cloudOf(fleet, startUp) };
  const limits = new Map<BoundName, number>();
  const policy = ours({
    name: "run",
    adapt: { ...fleet, finishBy: finishBy === undefined ? undefined : finishBy - startedAt, budgetUsd },
    fallBack: fleet.fallBack,
    memory,
    endsWithRun: true,
    onDecision: ({ reason }) => limits.set(reason.won, (limits.get(reason.won) ?? 0) + fleet.intervalMs),
  });
  const outcome = new World(trace, policy, seed).run();
  const longest = [...limits].map(([name, ms]) => ({ name, ms })).sort((a, b) => b.ms - a.ms);
  return { ...outcome, limits: longest };
}

/** The quota is the account's to tell, which is not asked. */
function cloudOf(fleet: FleetProfile, startUp: StartUp): Cloud {
  return {
    capacity: fleet.spot ? "spot" : "on-demand",
    startUpMs: startUp.ms,
    startUpSigma: startUp.sigma,
    quota: Infinity,
    slotsPerWorker: fleet.slotsPerWorker,
    billing: billingOf(fleet),
    spotStorm: undefined,
    drought: undefined,
  };
}

function billingOf({ worker }: FleetProfile): Billing {
  return {
    usdPerHour: {
      spot: workerUsdPerHour({ ...worker, spot: true }, US_EAST_1_PRICES),
      "on-demand": workerUsdPerHour(worker, US_EAST_1_PRICES),
    },
    minimumMs: US_EAST_1_PRICES.fargate.minimumSeconds * 1_000,
    unbilledStartUpMs: 10_000,
  };
}
