/** The local cluster: a Fargate cluster in the embedded cloud, whose workers are processes of this machine. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { openEcsClient, openS3Client, openSqsClient } from "../aws/clients.ts";
import { createRequestCounter } from "../aws/request-counter.ts";
import { CloudburstError } from "../base/errors.ts";
import type { EmbeddedCloud } from "../embedded/cloud.ts";
import { createProcessLauncher } from "../embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../embedded/start-cloud.ts";
import type { Cluster, OpenCluster } from "./cluster.ts";
import { openFargateCluster } from "./fargate-cluster.ts";

export interface LocalClusterOptions {
  /** Worker processes. @default one for each core, or as many as `threadsPerWorker` leaves cores for */
  readonly nWorkers?: number | undefined;
  /** Calls that each worker runs at once. @default 1, or the cores for each worker when `nWorkers` is given */
  readonly threadsPerWorker?: number | undefined;
  /** Port of the embedded cloud on 127.0.0.1. @default any free one */
  readonly port?: number | undefined;
}

const bucket = "cloudburst-local";
const ecsCluster = "cloudburst";
/** Short, since a lost local worker is seldom late but dead: its chunks come back after this. */
const leaseMs = 5_000;
const watchMs = 1_000;
/** Smallest size that ECS takes; the processes are not limited by it. */
const size = { cpu: 1024, memoryMiB: 2048 } as const;

export function openLocalCluster(options: LocalClusterOptions): OpenCluster {
  return async ({ runId }) => {
    const workerFile = findWorkerFile();
    const { workers, slotsPerWorker } = resolveLocalSize(options, availableParallelism());
    const cloud = await startEmbeddedCloud({
      ...(options.port !== undefined && { port: options.port }),
      launcher: createProcessLauncher({ workerFile }),
    });
    try {
      return closingCloud(await openIn(cloud, { runId, workers, slotsPerWorker }), cloud);
    } catch (error) {
      await cloud[Symbol.asyncDispose]();
      throw error;
    }
  };
}

/** Workers and slots by the rules that dask's local cluster has, for `cores` cores. */
function resolveLocalSize(
  options: Pick<LocalClusterOptions, "nWorkers" | "threadsPerWorker">,
  cores: number,
): { readonly workers: number; readonly slotsPerWorker: number } {
  const { nWorkers, threadsPerWorker } = options;
  if (nWorkers !== undefined)
    return { workers: nWorkers, slotsPerWorker: threadsPerWorker ?? Math.ceil(cores / nWorkers) };
  if (threadsPerWorker !== undefined) {
    return { workers: Math.max(1, Math.floor(cores / threadsPerWorker)), slotsPerWorker: threadsPerWorker };
  }
  return { workers: cores, slotsPerWorker: 1 };
}

async function openIn(
  cloud: EmbeddedCloud,
  run: { readonly runId: string; readonly workers: number; readonly slotsPerWorker: number },
): Promise<Cluster> {
  // The SDK's advice to upgrade Node for the sake of AWS is of no use to somebody who does not talk to AWS.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const counter = createRequestCounter();
  const clients = {
    sqs: openSqsClient(cloud, counter),
    s3: openS3Client(cloud, counter),
    ecs: openEcsClient(cloud, counter),
  };
  // What is made in the embedded cloud goes with it: nothing to clean up.
  await Promise.all([
    clients.s3.send(new CreateBucketCommand({ Bucket: bucket })),
    clients.ecs.send(new CreateClusterCommand({ clusterName: ecsCluster })),
  ]);
  return await openFargateCluster({
    ...run,
    ...size,
    description: `embedded cloud at ${cloud.endpoint}`,
    clients,
    counter,
    bucket,
    ecsCluster,
    image: "cloudburst-worker",
    subnets: ["subnet-embedded"],
    leaseMs,
    watchMs,
  });
}

function closingCloud(cluster: Cluster, cloud: EmbeddedCloud): Cluster {
  return {
    ...cluster,
    [Symbol.asyncDispose]: async () => {
      try {
        await cluster[Symbol.asyncDispose]();
      } finally {
        await cloud[Symbol.asyncDispose]();
      }
    },
  };
}

/** `dist/worker.mjs`, from the sources as well as from the published package. */
function findWorkerFile(): string {
  const file = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));
  if (!existsSync(file))
    throw new CloudburstError("no_worker_file", `${file} is missing (build it: npm run build:worker)`);
  return file;
}
