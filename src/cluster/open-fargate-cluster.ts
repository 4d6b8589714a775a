/**
 * A temporary cluster: two queues and workers on Fargate for one run, inside a bucket and an ECS cluster that exist.
 * Against the embedded cloud the very same code makes the local cluster.
 *
 *  F1 What is made for the run is removed by `close`, and by a start that fails half-way; each step goes on when another
 *     fails, and what is left is told.
 *  F2 What the run did not make is never touched: queues go by the run's own names, tasks by `startedBy`, objects by the
 *     run's prefix.
 *  F3 A run's objects are removed only after it has ended well: all others can be resumed, until the bucket's lifecycle rule
 *     takes the objects away.
 */
import type { RequestCounter } from "../aws/request-counter.ts";
import { systemClock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import { createSqsQueue } from "../queue/sqs-queue.ts";
import { createS3Store } from "../store/s3-store.ts";
import type { Store } from "../store/store.ts";
import { workerEnvironment } from "../wire/worker-environment.ts";
import type { CapacityPlan } from "./capacity-plan.ts";
import { type ClusterClients, closeClusterClients } from "./cluster-clients.ts";
import type { ClusterPlace } from "./cluster-place.ts";
import type { Cluster, ClusterRun, WorkerFacts } from "./cluster.ts";
import { createEcsFleet, type EcsFleet, type LaunchTemplate } from "./ecs-fleet.ts";
import { removeObjects } from "./run-objects.ts";
import {
  createRunQueues,
  type RunDriver,
  driverName,
  driversBefore,
  removeQueues,
  removeQueuesOf,
  type RunQueues,
} from "./run-queues.ts";
import { findTasks, stopTasks } from "./stop-tasks.ts";
import { ensureDefinition } from "./task-definition.ts";
import { launchOverrides, type WorkerPlan } from "./worker-plan.ts";

export interface FargateSettings {
  readonly run: ClusterRun;
  readonly clients: ClusterClients;
  readonly counter: RequestCounter;
  readonly place: ClusterPlace;
  readonly plan: WorkerPlan;
  readonly capacity: CapacityPlan;
  readonly workers: number;
  /** Undefined where it is not known. */
  readonly quotaWorkers: number | undefined;
  readonly workerFacts: WorkerFacts;
  readonly slotsPerWorker: number;
  readonly leaseMs: number;
  readonly watchMs: number;
  /** Undefined leaves it to the worker. */
  readonly driverGraceMs: number | undefined;
  /** Memory that a worker may use; undefined where nobody enforces a limit. */
  readonly memoryLimitMiB: number | undefined;
  /** AWS asks to wait a second before a new queue is used. */
  readonly queueSettleMs: number;
  readonly keepResults: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Encrypts the run's objects and queues; undefined leaves that to the bucket and to SQS. */
  readonly kmsKeyId: string | undefined;
  /** Undefined takes Fargate's latest. */
  readonly platformVersion: string | undefined;
}

/** Takes over the clients: they are closed with the cluster, and when opening it fails. */
export async function openFargateCluster(settings: FargateSettings): Promise<Cluster> {
  try {
    settings.run.signal.throwIfAborted();
    return await openParts(settings);
  } catch (error) {
    closeClusterClients(settings.clients);
    throw error;
  }
}

async function openParts(settings: FargateSettings): Promise<Cluster> {
  const { clients, run, plan, place } = settings;
  await clearBefore(settings);
  const [queues, definition] = await Promise.allSettled([
    createQueues(settings),
    plan.kind === "existing" ? plan.arn : ensureDefinition(clients.ecs, place.familyPrefix, plan.content),
  ]);
  if (queues.status === "rejected") throw queues.reason;
  try {
    if (definition.status === "rejected") throw definition.reason;
    run.signal.throwIfAborted();
    return clusterOf(settings, queues.value, definition.value);
  } catch (error) {
    await tryAll(run, [removeQueues(clients.sqs, [queues.value.tasks, queues.value.notices])]); // F1
    throw error;
  }
}

/** What the drivers before have left of a run that is resumed: their chunks and workers must not meet the new ones. */
async function clearBefore({ clients, run, place }: FargateSettings): Promise<void> {
  const drivers = driversBefore(driverOf(run));
  if (drivers.length === 0) return;
  const stop = async (driver: RunDriver): Promise<void> => {
    const left = await findTasks(clients.ecs, place.ecsCluster, driverName(driver));
    await stopTasks(clients.ecs, place.ecsCluster, left, "another driver goes on with the run");
  };
  await tryAll(run, [removeQueuesOf(clients.sqs, drivers), ...drivers.map(stop)]);
}

function driverOf({ runId, driver = 1 }: ClusterRun): RunDriver {
  return { runId, driver };
}

/** Not cut off when the run is aborted: what is half made could not be removed. */
async function createQueues(settings: FargateSettings): Promise<RunQueues> {
  const { clients, run, place, leaseMs, tags, kmsKeyId, queueSettleMs } = settings;
  const queues = await createRunQueues(clients.sqs, {
    ...driverOf(run),
    leaseMs,
    bucket: place.bucket,
    kmsKeyId,
    tags,
  });
  if (queueSettleMs > 0) await systemClock.sleep(queueSettleMs, run.signal).catch(() => undefined); // ends by the signal only
  return queues;
}

function clusterOf(settings: FargateSettings, queues: RunQueues, taskDefinition: string): Cluster {
  const { clients, place, plan, counter, workers, quotaWorkers, slotsPerWorker, leaseMs, watchMs } = settings;
  const store = createS3Store(clients.s3, place.bucket, settings);
  const fleet = createEcsFleet(clients.ecs, {
    template: launchTemplate(settings, queues, taskDefinition),
    capacity: settings.capacity,
    about: {
      image: plan.image,
      architecture: plan.architecture,
      subnets: place.subnets,
      assignPublicIp: place.assignPublicIp,
    },
  });
  let closing: Promise<void> | undefined;
  let endedWell = false;
  return {
    description: place.description,
    tasks: createSqsQueue(clients.sqs, queues.tasks.url),
    notices: createSqsQueue(clients.sqs, queues.notices.url),
    store,
    fleet,
    workers,
    quotaWorkers,
    workerFacts: settings.workerFacts,
    slotsPerWorker,
    leaseMs,
    watchMs,
    requestCounts: () => counter.counts(),
    discardResults: () => (endedWell = true),
    [Symbol.asyncDispose]: () =>
      (closing ??= close({ ...settings, keepResults: settings.keepResults || !endedWell }, queues, fleet, store)),
  };
}

/** Never rejects: the run's results are not worse for what is left behind, which ends by itself (I7). */
async function close(settings: FargateSettings, queues: RunQueues, fleet: EcsFleet, store: Store): Promise<void> {
  const { clients, run, keepResults } = settings;
  await tryAll(run, [removeQueues(clients.sqs, [queues.tasks, queues.notices]), fleet.end("the run has ended")]);
  if (!keepResults) await tryAll(run, [removeObjects(store, run.runId)]); // after the workers, which write them
  closeClusterClients(clients);
}

/** F1: each step goes on when another fails. */
async function tryAll({ warn }: ClusterRun, steps: readonly Promise<void>[]): Promise<void> {
  for (const step of await Promise.allSettled(steps)) {
    if (step.status === "rejected") warn(`clean-up was incomplete: ${toError(step.reason).message}`);
  }
}

function launchTemplate(settings: FargateSettings, queues: RunQueues, taskDefinition: string): LaunchTemplate {
  const { place, run, plan, platformVersion } = settings;
  return {
    cluster: place.ecsCluster,
    taskDefinition,
    startedBy: driverName(driverOf(run)),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...place.subnets],
        ...(place.securityGroups.length > 0 && { securityGroups: [...place.securityGroups] }),
        assignPublicIp: place.assignPublicIp ? "ENABLED" : "DISABLED",
      },
    },
    ...(platformVersion !== undefined && { platformVersion }),
    tags: Object.entries(settings.tags).map(([key, value]) => ({ key, value })),
    propagateTags: "TASK_DEFINITION",
    enableECSManagedTags: true,
    overrides: launchOverrides(plan, environmentOf(settings, queues)),
  };
}

function environmentOf(settings: FargateSettings, queues: RunQueues): Readonly<Record<string, string>> {
  const { run, place, slotsPerWorker, leaseMs, driverGraceMs, memoryLimitMiB, kmsKeyId } = settings;
  return {
    [workerEnvironment.runId]: run.runId,
    [workerEnvironment.taskQueue]: queues.tasks.url,
    [workerEnvironment.noticeQueue]: queues.notices.url,
    [workerEnvironment.bucket]: place.bucket,
    [workerEnvironment.slots]: String(slotsPerWorker),
    [workerEnvironment.leaseMs]: String(leaseMs),
    ...(driverGraceMs !== undefined && { [workerEnvironment.graceMs]: String(driverGraceMs) }),
    ...(kmsKeyId !== undefined && { [workerEnvironment.kmsKeyId]: kmsKeyId }),
    ...(memoryLimitMiB !== undefined && { [workerEnvironment.memoryMiB]: String(memoryLimitMiB) }),
  };
}
