/** What a worker costs and how it is billed, for decisions about how many there should be. */
import { hourlyUsd, type PriceTable } from "../base/prices.ts";
import type { CapacityPlan } from "./capacity-plan.ts";
import type { WorkerFacts } from "./cluster.ts";
import type { WorkerPlan } from "./worker-plan.ts";

/** Fargate bills from the pull of the image, about so long after RunTask (docs/decisions/0020-scaling.md). */
const unbilledStartUpMs = 10_000;
/** A process of this machine that loads the worker, until it has said hello. */
const localStartUpMs = 500;

/** Workers of a cluster that says nothing of them. */
export const usualWorkerFacts: WorkerFacts = {
  kind: undefined,
  usdPerHour: undefined,
  minimumBilledMs: 60_000,
  unbilledStartUpMs,
};

export function localWorkerFacts(maximum: number): WorkerFacts {
  return {
    kind: "local",
    usdPerHour: { spot: 0, "on-demand": 0 },
    minimumBilledMs: 0,
    unbilledStartUpMs: 0,
    startUpMs: localStartUpMs,
    maximum,
  };
}

export function fargateWorkerFacts(
  { image, size, architecture }: Pick<WorkerPlan, "image" | "size" | "architecture">,
  capacity: CapacityPlan,
  publicIp: boolean,
  prices: PriceTable,
): WorkerFacts {
  const worker = {
    vcpu: size.cpu / 1024,
    memoryGb: size.memoryMiB / 1024,
    architecture: architecture === "ARM64" ? "arm64" : "x86",
    publicIpv4: publicIp,
  } as const;
  // Of a mix nobody knows beforehand which worker is which: it is taken for what costs more.
  const allSpot = capacity.strategy.every(({ capacityProvider }) => capacityProvider === "FARGATE_SPOT");
  return {
    kind: `${image} ${size.cpu}/${size.memoryMiB}`,
    usdPerHour: { spot: hourlyUsd(worker, allSpot, prices), "on-demand": hourlyUsd(worker, false, prices) },
    prices,
    minimumBilledMs: prices.fargate.minimumSeconds * 1000,
    unbilledStartUpMs,
  };
}
