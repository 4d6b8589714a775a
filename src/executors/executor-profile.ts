/** What plans and records tell of a FargateExecutor: its options, with the defaults that need no account to be told. */
import { availableParallelism } from "node:os";
import { type AdaptKwargs, resolveAdaptOptions } from "../adaptive/adapt-options.ts";
import { resolveCapacity, usesSpot } from "../cluster/capacity-plan.ts";
import { FargateCluster } from "../cluster/fargate-cluster.ts";
import { LocalCluster, resolveLocalSize } from "../cluster/local-cluster.ts";
import type { FargateClusterOptions } from "../cluster/fargate-options.ts";
import { usualWorkers } from "../cluster/prepare-cluster.ts";
import { resolveWorkerSize } from "../cluster/worker-size.ts";
import type { ExecutorProfile, FleetProfile } from "./executor.ts";

export interface ProfiledOptions {
  readonly address?: string | undefined;
  readonly clusterClass?: unknown;
  readonly clusterKwargs?: Readonly<Record<string, unknown>> | undefined;
  readonly adaptKwargs?: AdaptKwargs | undefined;
}

/** What `cloudburst deploy` makes unless told otherwise. */
const stackWorker = { cpu: 1024, memoryMiB: 2048, architecture: "ARM64", assignPublicIp: true } as const;

/** The options have been checked. */
export function profileOf({
  address,
  clusterClass,
  clusterKwargs = {},
  adaptKwargs,
}: ProfiledOptions): ExecutorProfile {
  if (address !== undefined) return { place: "shared" };
  if (clusterClass === "FargateCluster" || clusterClass === FargateCluster) {
    return { place: "fargate", fleet: fargateFleet(clusterKwargs, adaptKwargs) };
  }
  if (clusterClass === undefined || clusterClass === "LocalCluster" || clusterClass === LocalCluster) {
    return { place: "local", fleet: localFleet(clusterKwargs, adaptKwargs) };
  }
  return { place: "custom" };
}

function localFleet(kwargs: object, adaptKwargs: AdaptKwargs | undefined): FleetProfile {
  const { workers, slotsPerWorker } = resolveLocalSize(kwargs, availableParallelism());
  const worker = { vcpu: 1, memoryGb: 2, architecture: "arm64", publicIpv4: true } as const;
  return { ...scaling(workers, adaptKwargs), slotsPerWorker, spot: false, fallBack: true, worker, assumed: [] };
}

function fargateFleet(options: FargateClusterOptions, adaptKwargs: AdaptKwargs | undefined): FleetProfile {
  const { cpu, memory, architecture, assignPublicIp } = options;
  const { cpu: units, memoryMiB } = resolveWorkerSize(options, stackWorker);
  const vcpu = units / 1024;
  const capacity = resolveCapacity(options.capacityProvider);
  return {
    ...scaling(options.nWorkers ?? usualWorkers, adaptKwargs),
    slotsPerWorker: options.threadsPerWorker ?? Math.max(1, Math.floor(vcpu)),
    spot: usesSpot(capacity),
    fallBack: capacity.fallBack,
    worker: {
      vcpu,
      memoryGb: memoryMiB / 1024,
      architecture: (architecture ?? stackWorker.architecture) === "ARM64" ? "arm64" : "x86",
      publicIpv4: assignPublicIp ?? stackWorker.assignPublicIp,
    },
    assumed: [
      ...(cpu === undefined || memory === undefined ? [`${vcpu} vCPU and ${memoryMiB} MiB for each worker`] : []),
      ...(architecture === undefined ? [`${stackWorker.architecture} workers`] : []),
      ...(assignPublicIp === undefined ? ["a public address for each worker"] : []),
    ],
  };
}

type Scaling = Pick<
  FleetProfile,
  "minimum" | "maximum" | "targetDurationMs" | "intervalMs" | "waitCount" | "finishBy" | "budgetUsd"
>;

/** Without `adaptKwargs` the fleet has one size from the first second to the last. */
function scaling(workers: number, adaptKwargs: AdaptKwargs | undefined): Scaling {
  const adapt = resolveAdaptOptions(adaptKwargs ?? { minimum: workers, maximum: workers }, 0);
  const { minimum, maximum, targetDurationMs, intervalMs, waitCount, finishBy, budgetUsd } = adapt;
  return {
    minimum,
    maximum,
    targetDurationMs,
    intervalMs,
    waitCount,
    ...(finishBy !== undefined && { finishBy }),
    ...(budgetUsd !== undefined && { budgetUsd }),
  };
}
