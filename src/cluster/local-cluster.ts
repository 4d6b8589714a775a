/** `clusterClass: "LocalCluster"`: a Fargate cluster in the embedded cloud, whose workers are processes of this machine. */
import { availableParallelism } from "node:os";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import * as z from "zod";
import { createRequestCounter } from "../aws/request-counter.ts";
import { parseOptions } from "../base/parse-options.ts";
import type { EmbeddedCloud } from "../embedded/cloud.ts";
import { createProcessLauncher } from "../embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../embedded/start-cloud.ts";
import { resolveCapacity } from "./capacity-plan.ts";
import { openClusterClients } from "./cluster-clients.ts";
import type { ClusterPlace } from "./cluster-place.ts";
import type { Cluster, ClusterRun } from "./cluster.ts";
import { type LocalSize, resolveLocalSize } from "./local-size.ts";
import { silenceAwsAdvice } from "./no-aws-advice.ts";
import { openFargateCluster } from "./open-fargate-cluster.ts";
import { localWorkerFacts } from "./worker-facts.ts";
import { findWorkerFile } from "./worker-file.ts";
import { planOwn } from "./worker-plan.ts";

/** `clusterKwargs` of `LocalCluster`. */
export interface LocalClusterOptions {
  /** Worker processes, 1 to 1000. @default one for each core, or as many as `threadsPerWorker` leaves cores for */
  readonly nWorkers?: number | undefined;
  /** Calls that each worker runs at once, 1 to 256. @default 1, or the cores for each worker when `nWorkers` is given */
  readonly threadsPerWorker?: number | undefined;
  /** Port of the embedded cloud on 127.0.0.1, 0 to 65535. @default 0: any free one */
  readonly port?: number | undefined;
}

const atLeastOne = (what: string) =>
  z
    .number({ error: `${what} must be a whole number of at least 1` })
    .int()
    .min(1);

const schema = z.strictObject({
  nWorkers: atLeastOne("the number of workers")
    .max(1_000, { error: "a local cluster has at most 1000 workers" })
    .optional(),
  threadsPerWorker: atLeastOne("the number of threads")
    .max(256, { error: "a worker has at most 256 threads" })
    .optional(),
  port: z.number().int().min(0).max(65_535).optional(),
});

const place: ClusterPlace = {
  description: "the embedded cloud",
  stack: undefined,
  bucket: "cloudburst-local",
  ecsCluster: "cloudburst",
  subnets: ["subnet-embedded"],
  securityGroups: [],
  assignPublicIp: false,
  logGroup: undefined,
  kmsKeyId: undefined,
  taskRoleArn: undefined,
  executionRoleArn: undefined,
  familyPrefix: "cloudburst-",
  taskDefinitionFamily: undefined,
  containerName: "worker",
  image: "cloudburst-worker",
  architecture: undefined,
};
/** Short, since a lost local worker is seldom late but dead: its chunks come back after this. */
const leaseMs = 10_000;
const watchMs = 1_000;

export class LocalCluster {
  readonly #options: LocalClusterOptions;

  /** @throws InvalidOptionError that names each option that is wrong */
  constructor(options: LocalClusterOptions = {}) {
    this.#options = parseOptions("LocalCluster", schema, options);
  }

  async open(run: ClusterRun): Promise<Cluster> {
    const workerFile = findWorkerFile();
    const size = resolveLocalSize(this.#options, availableParallelism(), run.initialWorkers);
    const cloud = await startEmbeddedCloud({
      ...(this.#options.port !== undefined && { port: this.#options.port }),
      launcher: createProcessLauncher({ workerFile }),
    });
    try {
      return closingCloud(await openIn(cloud, run, size), cloud);
    } catch (error) {
      await cloud[Symbol.asyncDispose]();
      throw error;
    }
  }
}

async function openIn(cloud: EmbeddedCloud, run: ClusterRun, size: LocalSize): Promise<Cluster> {
  silenceAwsAdvice();
  const counter = createRequestCounter();
  const clients = openClusterClients(cloud, counter);
  await Promise.all([
    clients.s3.send(new CreateBucketCommand({ Bucket: place.bucket })),
    clients.ecs.send(new CreateClusterCommand({ clusterName: place.ecsCluster })),
  ]);
  return await openFargateCluster({
    ...size,
    quotaWorkers: undefined, // this machine has none
    workerFacts: localWorkerFacts(Math.max(1, Math.floor(availableParallelism() / size.slotsPerWorker))),
    run,
    clients,
    counter,
    place: { ...place, description: `embedded cloud at ${cloud.endpoint}` },
    plan: planOwn({}, place, cloud.region),
    capacity: resolveCapacity(),
    leaseMs,
    watchMs,
    driverGraceMs: undefined,
    memoryLimitMiB: undefined, // the processes are not limited by the task's size
    queueSettleMs: 0,
    keepResults: true, // what is made in the embedded cloud goes with it
    tags: {},
    kmsKeyId: undefined,
    platformVersion: undefined,
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
