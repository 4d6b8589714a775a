/** All that is known of a temporary cluster before anything of it is made: by reading only. */
import type { AwsSettings } from "../aws/clients.ts";
import { createRequestCounter } from "../aws/request-counter.ts";
import { resolveCapacity } from "./capacity-plan.ts";
import { closeClusterClients, openClusterClients } from "./cluster-clients.ts";
import type { FargateClusterOptions } from "./fargate-options.ts";
import { findPlace } from "./find-place.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";
import type { PreflightContext } from "./preflight-context.ts";
import { describeDefinition } from "./task-definition.ts";
import { findReference, planOnExisting, planOwn, type WorkerPlan } from "./worker-plan.ts";

export interface PreparedCluster extends PreflightContext {
  readonly plan: WorkerPlan;
}

/** What a new account's quota of 6 vCPUs has room for. */
export const usualWorkers = 4;

/**
 * The caller closes the clients.
 * @param options checked before
 * @throws CloudburstError when credentials, stack or task definition are not there, with the remedy
 */
export async function prepareCluster(
  options: FargateClusterOptions,
  given: AwsSettings,
  signal: AbortSignal,
): Promise<PreparedCluster> {
  const counter = createRequestCounter();
  const { place, region: stackRegion } = await findPlace(options, given, counter, signal);
  const aws = { ...given, region: given.region ?? stackRegion };
  const clients = openClusterClients(aws, counter);
  try {
    const region = await regionOf(clients.ecs.config.region);
    const reference = findReference(options, place);
    const plan =
      reference === undefined
        ? planOwn(options, place, region)
        : planOnExisting(options, await describeDefinition(clients.ecs, reference, options.containerName));
    return {
      aws,
      region,
      clients,
      counter,
      place,
      plan,
      workers: options.nWorkers ?? usualWorkers,
      capacity: resolveCapacity(options.capacityProvider),
      cpu: plan.size.cpu,
      memoryMiB: plan.size.memoryMiB,
      image: plan.image,
      architecture: plan.architecture,
      taskDefinition: options.taskDefinition,
      signal,
    };
  } catch (error) {
    closeClusterClients(clients);
    throw error;
  }
}

/** @throws CloudburstError `no_region` */
async function regionOf(region: () => Promise<string>): Promise<string> {
  try {
    return await region();
  } catch (error) {
    throw awsTrouble(error, { doing: "open a cluster", action: "", resource: "" });
  }
}
