/** What plans and records tell of a FargateExecutor: its options, with the defaults that need no account to be told. */
import { availableParallelism } from "node:os";
import type { AdaptOptions } from "../adaptive/adapt-options.ts";
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
  readonly address?: string | undefined;
  readonly clusterClass?: unknown;
  readonly clusterKwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** A local cluster is looked after this often. */
const localWatchMs = 1_000;

/** What `cloudburst deploy` makes unless told otherwise. */
const stackWorker = { cpu: 1024, memoryMiB: 2048, architecture: "ARM64", assignPublicIp: true } as const;

/** The options have been checked. */
export function profileOf(options: ProfiledOptions, adapt: AdaptOptions | undefined): ExecutorProfile {
  const { address, clusterClass, clusterKwargs = {} } = options;
  if (address !== undefined) return { place: "shared" };
  if (clusterClass === "FargateCluster" || clusterClass === FargateCluster) {
    return { place: "fargate", fleet: fargateFleet(clusterKwargs, adapt) };
  }
  if (clusterClass === undefined || clusterClass === "LocalCluster" || clusterClass === LocalCluster) {
    return { place: "local", fleet: localFleet(clusterKwargs, adapt) };
  }
  return { place: "custom" };
}

/** A fleet that scales begins with so many unless `nWorkers` is given. */
function initialWorkers(adapt: AdaptOptions | undefined): number | undefined {
  return adapt === undefined ? undefined : Math.max(1, adapt.minimum);
}

function localFleet(kwargs: object, adapt: AdaptOptions | undefined): FleetProfile {
  const cores = availableParallelism();
  const size = resolveLocalSize(kwargs, cores, initialWorkers(adapt));
  const workerFacts = localWorkerFacts(Math.max(1, Math.floor(cores / size.slotsPerWorker)));
  return {
    ...scalingOf({ ...size, workerFacts, watchMs: localWatchMs }, adapt),
    spot: false,
    fallBack: true,
    ...paidAs(stackWorker, { arm: true, publicIp: true, own: undefined }),
    assumed: [],
  };
}

function fargateFleet(options: FargateClusterOptions, adapt: AdaptOptions | undefined): FleetProfile {
  const { cpu, memory, architecture, assignPublicIp, threadsPerWorker } = options;
  const size = resolveWorkerSize(options, stackWorker);
  const vcpu = size.cpu / 1024;
  const capacity = resolveCapacity(options.capacityProvider);
  const workers = options.nWorkers ?? initialWorkers(adapt) ?? usualWorkers;
  const slotsPerWorker = threadsPerWorker ?? Math.max(1, Math.floor(vcpu));
  const arm = (architecture ?? stackWorker.architecture) === "ARM64";
  const publicIp = assignPublicIp ?? stackWorker.assignPublicIp;
  const paid = paidAs(size, { arm, publicIp, own: adapt?.usdPerWorkerHour });
  const workerFacts = factsOf(size, arm, publicIp, "FARGATE");
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
    ],
  };
}

type Scaling = Omit<FleetProfile, "spot" | "fallBack" | "worker" | "usdPerHour" | "assumed">;

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
}

function paidAs(size: WorkerSize, { arm, publicIp, own }: Payment): Pick<FleetProfile, "worker" | "usdPerHour"> {
  const usd = (capacity: "FARGATE" | "FARGATE_SPOT"): number =>
    own ?? factsOf(size, arm, publicIp, capacity).usdPerHour?.spot ?? 0;
  return {
    worker: {
      vcpu: size.cpu / 1024,
      memoryGb: size.memoryMiB / 1024,
      architecture: arm ? "arm64" : "x86",
      publicIpv4: publicIp,
    },
    usdPerHour: { spot: usd("FARGATE_SPOT"), "on-demand": usd("FARGATE") },
  };
}

function factsOf(size: WorkerSize, arm: boolean, publicIp: boolean, capacity: "FARGATE" | "FARGATE_SPOT") {
  const worker = { image: "", size, architecture: arm ? "ARM64" : "X86_64" } as const;
  return fargateWorkerFacts(worker, resolveCapacity(capacity), publicIp);
}
