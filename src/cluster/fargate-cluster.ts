/** `clusterClass: "FargateCluster"`: for each run, workers on Fargate in the account that the options name. */
import { type AwsSettings, openS3Client } from "../aws/clients.ts";
import { createRequestCounter } from "../aws/request-counter.ts";
import { pricesIn } from "../base/prices.ts";
import { createS3Store } from "../store/s3-store.ts";
import { resolveAwsSettings } from "./aws-options.ts";
import { closeClusterClients } from "./cluster-clients.ts";
import type { Cluster, ClusterRun } from "./cluster.ts";
import { createRunArchive, type RunArchive } from "./run-archive.ts";
import type { FargateClusterOptions } from "./fargate-options.ts";
import { parseFargateOptions } from "./fargate-schema.ts";
import { findPlace } from "./find-place.ts";
import { openFargateCluster } from "./open-fargate-cluster.ts";
import { preflight } from "./preflight/preflight.ts";
import { fargateWorkerFacts } from "./worker-facts.ts";
import { prepareCluster, type PreparedCluster } from "./prepare-cluster.ts";

/** AWS asks to wait so long before a new queue is used. */
const queueSettleMs = 1_000;

/** Tag by which a run's tasks and queues are told in a bill, or found in a console. */
const runTag = "cloudburst:run";

export class FargateCluster {
  readonly #options: FargateClusterOptions;
  readonly #aws: AwsSettings;

  /** @throws InvalidOptionError that names each option that is wrong; no request has been made then */
  constructor(options: FargateClusterOptions = {}) {
    this.#options = parseFargateOptions(options);
    this.#aws = resolveAwsSettings(this.#options);
  }

  /**
   * Finds the stack, checks what can be checked before money is spent, and makes the run's queues.
   * @throws CloudburstError with the remedy; nothing is left of what was made
   */
  async open(run: ClusterRun): Promise<Cluster> {
    const { nWorkers = run.initialWorkers } = this.#options;
    const options = { ...this.#options, nWorkers };
    const prepared = await prepareCluster(options, this.#aws, run.signal);
    const { clients, counter, place, plan, capacity, aws, region } = prepared;
    const quotaWorkers = await check(prepared, run);
    return await openFargateCluster({
      run,
      clients,
      counter,
      place,
      plan,
      capacity,
      workers: Math.min(prepared.workers, quotaWorkers ?? prepared.workers),
      quotaWorkers,
      workerFacts: fargateWorkerFacts(plan, capacity, place.assignPublicIp, pricesIn(region, options.prices)),
      slotsPerWorker: options.threadsPerWorker ?? Math.max(1, Math.floor(plan.size.cpu / 1024)),
      leaseMs: options.leaseMs ?? 120_000,
      watchMs: options.watchMs ?? 5_000,
      driverGraceMs: options.driverGraceMs,
      memoryLimitMiB: plan.size.memoryMiB,
      // An emulator's queues are there at once.
      queueSettleMs: (aws.endpoints?.sqs ?? aws.endpoint) === undefined ? queueSettleMs : 0,
      keepResults: options.keepResults ?? false,
      tags: { [runTag]: run.runId, ...options.tags },
      kmsKeyId: options.security?.kmsKeyId ?? place.kmsKeyId,
      platformVersion: options.platformVersion,
    });
  }

  /** What runs have left in the bucket, for those that are to be resumed. */
  async openArchive(signal: AbortSignal): Promise<RunArchive> {
    const counter = createRequestCounter();
    const { place, region } = await findPlace(this.#options, this.#aws, counter, signal);
    const s3 = openS3Client({ ...this.#aws, region: this.#aws.region ?? region }, counter);
    const { bucket } = place;
    const kmsKeyId = this.#options.security?.kmsKeyId;
    const store = createS3Store(s3, bucket, { kmsKeyId });
    return createRunArchive({ s3, store, bucket, kmsKeyId, signal, close: () => s3.destroy() });
  }
}

/** How many workers the account's quotas have room for, where that is known. */
async function check(prepared: PreparedCluster, run: ClusterRun): Promise<number | undefined> {
  try {
    const { warnings, maximum } = await preflight(prepared);
    for (const warning of warnings) run.warn(warning);
    return maximum;
  } catch (error) {
    closeClusterClients(prepared.clients);
    throw error;
  }
}
