/** What plans and records tell of a FargateExecutor: its options, with the defaults that need no account to be told. */
import { availableParallelism } from "node:os";
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
import { hourlyUsd, type PriceOptions, pricesIn, type PriceTable } from "../base/prices.ts";
import { resolveCapacity, usesSpot } from "../cluster/capacity-plan.ts";
import { FargateCluster } from "../cluster/fargate-cluster.ts";
import type { FargateClusterOptions } from "../cluster/fargate-options.ts";
import { LocalCluster } from "../cluster/local-cluster.ts";
import { resolveLocalSize } from "../cluster/local-size.ts";
import { usualWorkers } from "../cluster/prepare-cluster.ts";
import { fargateWorkerFacts, localWorkerFacts } from "../cluster/worker-facts.ts";
import { resolveWorkerSize, type WorkerSize } from "../cluster/worker-size.ts";
import type { ExecutorProfile, FleetProfile } from "./executor.ts";
import { resolveFleetScaling } from "./fleet-scaling.ts";

export interface ProfiledOptions {
  readonly region?: string | undefined;
  readonly prices?: PriceOptions | undefined;
  readonly address?: string | undefined;
  readonly clusterClass?: unknown;
  readonly clusterKwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** A local cluster is looked after this often. */
const localWatchMs = 1_000;

/** What `cloudburst deploy` makes unless told otherwise. */
const stackWorker = { cpu: 1024, memoryMiB: 2048, architecture: "ARM64", assignPublicIp: true } as const;

/** The options have been checked. */
export function profileOf(
  options: ProfiledOptions,
  adapt: AdaptOptions | undefined,
  env: NodeJS.ProcessEnv = process.env,
): ExecutorProfile {
  const { address, clusterClass, clusterKwargs = {}, prices } = options;
  if (address !== undefined) return { place: "shared" };
  if (clusterClass === "FargateCluster" || clusterClass === FargateCluster) {
    const region = options.region ?? env["AWS_REGION"];
    return { place: "fargate", fleet: fargateFleet({ region, prices, ...clusterKwargs }, adapt) };
  }
  if (clusterClass === undefined || clusterClass === "LocalCluster" || clusterClass === LocalCluster) {
    return { place: "local", fleet: localFleet(clusterKwargs, pricesIn(undefined, prices), adapt) };
  }
  return { place: "custom" };
}

/** A fleet that scales begins with so many unless `nWorkers` is given. */
function initialWorkers(adapt: AdaptOptions | undefined): number | undefined {
  return adapt === undefined ? undefined : Math.max(1, adapt.minimum);
}

function localFleet(kwargs: object, prices: PriceTable, adapt: AdaptOptions | undefined): FleetProfile {
  const cores = availableParallelism();
  const size = resolveLocalSize(kwargs, cores, initialWorkers(adapt));
  const workerFacts = localWorkerFacts(Math.max(1, Math.floor(cores / size.slotsPerWorker)));
  return {
    ...scalingOf({ ...size, workerFacts, watchMs: localWatchMs }, adapt),
    spot: false,
    fallBack: true,
    ...paidAs(stackWorker, { arm: true, publicIp: true, own: undefined, prices }),
    assumed: [],
  };
}

function fargateFleet(options: FargateClusterOptions, adapt: AdaptOptions | undefined): FleetProfile {
  const { cpu, memory, architecture, assignPublicIp, threadsPerWorker, region } = options;
  const size = resolveWorkerSize(options, stackWorker);
  const vcpu = size.cpu / 1024;
  const capacity = resolveCapacity(options.capacityProvider);
  const workers = options.nWorkers ?? initialWorkers(adapt) ?? usualWorkers;
  const slotsPerWorker = threadsPerWorker ?? Math.max(1, Math.floor(vcpu));
  const arm = (architecture ?? stackWorker.architecture) === "ARM64";
  const publicIp = assignPublicIp ?? stackWorker.assignPublicIp;
  const prices = pricesIn(region, options.prices);
  const paid = paidAs(size, { arm, publicIp, own: adapt?.usdPerWorkerHour, prices });
  const worker = { image: "", size, architecture: arm ? "ARM64" : "X86_64" } as const;
  const workerFacts = fargateWorkerFacts(worker, capacity, publicIp, prices);
  const regionNamed = (options.prices?.region ?? region) !== undefined;
  const sized = cpu !== undefined && memory !== undefined;
  return {
    ...scalingOf({ workers, slotsPerWorker, workerFacts, watchMs: options.watchMs ?? 5_000 }, adapt),
    spot: usesSpot(capacity),
    fallBack: capacity.fallBack,
    ...paid,
    assumed: [
      ...(sized ? [] : [`each worker has ${vcpu} vCPU and ${size.memoryMiB} MiB`]),
      ...(architecture === undefined ? [`workers are ${stackWorker.architecture}`] : []),
      ...(assignPublicIp === undefined ? ["each worker has a public address"] : []),
      ...(regionNamed ? [] : [`the region, which no option names, has the prices of ${prices.region}`]),
    ],
  };
}

type Scaling = Omit<FleetProfile, "spot" | "fallBack" | "worker" | "usdPerHour" | "prices" | "assumed">;

function scalingOf(sized: Parameters<typeof resolveFleetScaling>[0], adapt: AdaptOptions | undefined): Scaling {
  const resolved = resolveFleetScaling(sized, adapt);
  const { minimum, maximum, slotsPerWorker, targetDurationMs, intervalMs, waitCount, finishBy, budgetUsd } = resolved;
  return {
    minimum,
    maximum,
    slotsPerWorker,
    targetDurationMs,
    intervalMs,
    waitCount,
    ...(resolved.startUpMs !== undefined && { startUpMs: resolved.startUpMs }),
    ...(finishBy !== undefined && { finishBy }),
    ...(budgetUsd !== undefined && { budgetUsd }),
  };
}

interface Payment {
  readonly arm: boolean;
  readonly publicIp: boolean;
  /** What the user says that a worker costs. */
  readonly own: number | undefined;
  readonly prices: PriceTable;
}

function paidAs(
  size: WorkerSize,
  { arm, publicIp, own, prices }: Payment,
): Pick<FleetProfile, "worker" | "usdPerHour" | "prices"> {
  const worker = {
    vcpu: size.cpu / 1024,
    memoryGb: size.memoryMiB / 1024,
    architecture: arm ? "arm64" : "x86",
    publicIpv4: publicIp,
  } as const;
  const usdPerHour = {
    spot: own ?? hourlyUsd(worker, true, prices),
    "on-demand": own ?? hourlyUsd(worker, false, prices),
  };
  return { worker, usdPerHour, prices };
}
