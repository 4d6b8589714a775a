/** A simulated run of a fleet as an executor's options describe it. */
import { addLimit, limitLine, limitOf, type LimitsTally } from "../adaptive/limits-tally.ts";
import type { FleetProfile } from "../executors/executor.ts";
import { US_EAST_1_PRICES } from "../observe/prices.ts";
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
  /** Whether workers cost nothing while the decisions are made: those of this machine. What they would cost is told. */
  readonly free: boolean;
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
  /** What gave the fleet its size for the longest time, as a run's report says it. */
  readonly limitedBy: string | undefined;
}

/** The same chance in every run, so that two outcomes differ by their options only. */
const seed = 1;

export function simulateFleet({ batches, fleet, startUp, memory, free, startedAt }: FleetRun): FleetOutcome {
  const { finishBy, budgetUsd } = fleet;
  const trace = { name: "run", about: "", batches, cloud: cloudOf(fleet, startUp) };
  let limits: LimitsTally = new Map();
  const policy = ours({
    name: "run",
    adapt: { ...fleet, finishBy: finishBy === undefined ? undefined : finishBy - startedAt, budgetUsd },
    fallBack: fleet.fallBack,
    memory,
    endsWithRun: true,
    ...(free && { price: { usdPerHour: 0, minimumMs: 0, unbilledStartUpMs: 0 } }),
    onDecision: ({ reason }) => {
      limits = addLimit(limits, limitOf(reason.won), fleet.intervalMs);
    },
  });
  const outcome = new World(trace, policy, seed).run();
  return { ...outcome, limitedBy: limitLine(limits) };
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

function billingOf({ usdPerHour }: FleetProfile): Billing {
  return { usdPerHour, minimumMs: US_EAST_1_PRICES.fargate.minimumSeconds * 1_000, unbilledStartUpMs: 10_000 };
}
