/** How many workers a run may have, from its options and its cluster. A fixed number is the case in which nothing scales. */
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import type { WorkerPrice } from "../adaptive/scaling-view.ts";
import { InvalidOptionError } from "../base/errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { usualWorkerFacts } from "../cluster/worker-facts.ts";
import type { Billing } from "./roster.ts";

export interface FleetScaling extends Omit<AdaptOptions, "usdPerWorkerHour"> {
  /** Whether the number of workers may change. */
  readonly scales: boolean;
  /** Workers that are requested before anything is known of the work. */
  readonly initial: number;
  readonly quotaWorkers: number | undefined;
  readonly slotsPerWorker: number;
  readonly billing: Billing;
  /** Expected until it has been measured. */
  readonly startUpMs: number | undefined;
  /** Under which start-up and durations are remembered. */
  readonly workerKind: string | undefined;
  /** How often workers look whether they are to leave. */
  readonly lookMs: number;
  /** How long a worker takes to leave, besides the call that it has in hand. */
  readonly leaveMs: number;
}

type Sized = Pick<Cluster, "workers" | "slotsPerWorker" | "quotaWorkers" | "workerFacts" | "watchMs">;

/** A look costs $0.0000004: every five seconds 0.6 % of what the smallest usual worker costs. */
const longestLookMs = 5_000;
const shortestLookMs = 1_000;
/** Looks in a minute that is paid for: a worker that is to leave at its end leaves a few seconds after. */
const looksPerMinimum = 12;
/** From a worker's last look to its goodbye. */
const farewellMs = 1_000;

/** @throws InvalidOptionError for a budget where nobody knows what a worker costs */
export function resolveFleetScaling(cluster: Sized, adapt: AdaptOptions | undefined): FleetScaling {
  const { workers, slotsPerWorker, quotaWorkers, workerFacts = usualWorkerFacts, watchMs } = cluster;
  const maximum = adapt?.maximum ?? workerFacts.maximum ?? null;
  const minimum = adapt?.minimum ?? workers;
  const intervalMs = adapt?.intervalMs ?? watchMs;
  const lookMs = Math.min(longestLookMs, Math.max(shortestLookMs, workerFacts.minimumBilledMs / looksPerMinimum));
  return {
    scales: adapt !== undefined,
    initial: Math.max(minimum, Math.min(workers, adapt === undefined ? workers : (maximum ?? workers))),
    minimum,
    maximum: adapt === undefined ? workers : maximum === null ? null : Math.max(minimum, maximum),
    targetDurationMs: adapt?.targetDurationMs ?? 5_000,
    intervalMs,
    waitCount: adapt?.waitCount ?? 1,
    finishBy: adapt?.finishBy,
    budgetUsd: adapt?.budgetUsd,
    quotaWorkers,
    slotsPerWorker,
    billing: billingOf(workerFacts, adapt),
    startUpMs: workerFacts.startUpMs,
    workerKind: workerFacts.kind,
    lookMs,
    leaveMs: intervalMs + lookMs + farewellMs,
  };
}

function billingOf(facts: NonNullable<Cluster["workerFacts"]>, adapt: AdaptOptions | undefined): Billing {
  const { minimumBilledMs: minimumMs, unbilledStartUpMs } = facts;
  const own = adapt?.usdPerWorkerHour;
  const usdPerHour = own === undefined ? facts.usdPerHour : { spot: own, "on-demand": own };
  if (usdPerHour === undefined && adapt?.budgetUsd !== undefined) {
    throw new InvalidOptionError(
      "adaptKwargs: `budget` needs to know what a worker of this cluster costs: set `budget.usdPerWorkerHour`",
    );
  }
  return { usdPerHour: usdPerHour ?? { spot: 0, "on-demand": 0 }, minimumMs, unbilledStartUpMs };
}

/** What the next worker costs: on-demand where it stands in, since a budget must hold in any case. */
export function priceOf({ billing }: FleetScaling, capacity: "spot" | "on-demand"): WorkerPrice {
  const { usdPerHour, minimumMs, unbilledStartUpMs } = billing;
  return { usdPerHour: usdPerHour[capacity], minimumMs, unbilledStartUpMs };
}
