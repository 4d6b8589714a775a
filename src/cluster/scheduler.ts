/**
 * `cloudburst scheduler`: an existing cluster on this machine. To drivers it is what a stack with a shared cluster is on AWS:
 * the embedded cloud describes such a stack, with a queue that runs share and workers that serve whoever comes.
 *
 *  L1 Only loopback is listened on without TLS, and every request needs the key.
 *  L2 Whatever was started ends with it: its workers first, which finish what they have in hand, then those that joined.
 */
import { availableParallelism } from "node:os";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { createRequestCounter } from "../aws/request-counter.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import type { ContainerLauncher, EmbeddedCloud } from "../embedded/cloud.ts";
import { createProcessLauncher } from "../embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../embedded/start-cloud.ts";
import { createS3Store } from "../store/s3-store.ts";
import { closeClusterClients, type ClusterClients, openClusterClients } from "./cluster-clients.ts";
import { RunForgetter } from "./forget-runs.ts";
import { schedulerStack } from "./join-scheduler.ts";
import { silenceAwsAdvice } from "./no-aws-advice.ts";
import { publishKey } from "./scheduler-key.ts";
import { addressOf, type ResolvedScheduler, resolveScheduler, type SchedulerOptions } from "./scheduler-options.ts";
import { sharedLeaseMs, sharedWorkerSpec } from "./shared-worker.ts";
import { stackOutputs } from "./stack-outputs.ts";
import { WorkerCrew } from "./worker-crew.ts";
import { findWorkerFile } from "./worker-file.ts";

const bucket = "cloudburst-local";
const queueName = "cloudburst-shared-tasks";
/** Of a queue's URL only the last part counts to a client that has an endpoint. */
const queueUrl = `https://sqs.us-east-1.amazonaws.com/000000000000/${queueName}`;
/** A little more than a worker takes for itself. */
const drainMs = 120_000;

/** What a scheduler says while it runs, and where. */
export interface SchedulerWorld {
  readonly log: (line: string) => void;
  /** A line that a worker has printed. */
  readonly output: (line: string, worker: string) => void;
  readonly env: NodeJS.ProcessEnv;
  /** @default the system's */
  readonly clock?: Clock;
}

/** Disposing of it drains its workers, and ends it. */
export interface Scheduler extends AsyncDisposable {
  readonly address: string;
  readonly workers: number;
  readonly slotsPerWorker: number;
}

/** @throws InvalidOptionError for options that are wrong, and for a port or a host that cannot be had */
export async function startScheduler(options: SchedulerOptions, world: SchedulerWorld): Promise<Scheduler> {
  const resolved = resolveScheduler(options, availableParallelism(), world.env);
  const launcher = createProcessLauncher({ workerFile: findWorkerFile(), output: world.output });
  const cloud = await openCloud(resolved);
  try {
    return await openParts(cloud, launcher, resolved, world);
  } catch (error) {
    await cloud[Symbol.asyncDispose]();
    throw error;
  }
}

/** L1: with TLS the plain port is any free one, of which only its own workers know. */
async function openCloud({ host, port, tls, credentials }: ResolvedScheduler): Promise<EmbeddedCloud> {
  return await startEmbeddedCloud({
    ...(tls === undefined ? { port } : { door: { host, port, ...tls } }),
    ...(credentials !== undefined && { credentials }),
    stacks: [{ name: schedulerStack, outputs }],
  });
}

const outputs = {
  [stackOutputs.bucket]: bucket,
  [stackOutputs.sharedQueueUrl]: queueUrl,
  // What a stack has besides, and drivers of a shared cluster do not use.
  [stackOutputs.ecsCluster]: "none",
  [stackOutputs.subnets]: "none",
};

async function openParts(
  cloud: EmbeddedCloud,
  launcher: ContainerLauncher,
  { host, tls, size }: ResolvedScheduler,
  world: SchedulerWorld,
): Promise<Scheduler> {
  const { clock = systemClock, log, env } = world;
  silenceAwsAdvice();
  const clients = openClusterClients(cloud, createRequestCounter());
  try {
    await createParts(clients);
    const port = cloud.doorPort ?? Number(new URL(cloud.endpoint).port);
    const key = await publishKey(port, cloud.credentials, env);
    const stopping = new AbortController();
    const forgetting = new RunForgetter(createS3Store(clients.s3, bucket), clients.sqs, clock).watch(
      stopping.signal,
      log,
    );
    const { endpoint, region, credentials } = cloud;
    const about = { slots: size.slotsPerWorker, endpoint, region, credentials, bucket, queueUrl };
    const crew = new WorkerCrew({
      size: size.workers,
      launch: (name) => launcher.launch(sharedWorkerSpec({ name, ...about })),
      clock,
      random: Math.random,
      log,
    });
    const close = async (): Promise<void> => {
      stopping.abort();
      await forgetting;
      await key[Symbol.asyncDispose]();
      await crew.stop(drainMs);
      await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl })); // by which those that joined know (L2)
      closeClusterClients(clients);
      await cloud[Symbol.asyncDispose]();
    };
    let closing: Promise<void> | undefined;
    return {
      address: addressOf(host, port, tls !== undefined),
      ...size,
      [Symbol.asyncDispose]: () => (closing ??= close()),
    };
  } catch (error) {
    closeClusterClients(clients);
    throw error;
  }
}

async function createParts({ s3, sqs }: ClusterClients): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await sqs.send(
    new CreateQueueCommand({
      QueueName: queueName,
      Attributes: { VisibilityTimeout: String(sharedLeaseMs / 1000) },
    }),
  );
}
