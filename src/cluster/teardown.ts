/**
 * Takes away what runs have left in a stack's place, so that the stack can be deleted and nothing stays behind: workers,
 * objects, task definitions, queues.
 */
import {
  ClusterNotFoundException,
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  type ECSClient,
  ECSServiceException,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
} from "@aws-sdk/client-ecs";
import { DeleteQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Clock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import { listRunQueues } from "./run-queues.ts";
import { describeWorkers, listWorkers, type ListedWorker } from "./run-workers.ts";
import { stopTasks } from "./stop-tasks.ts";

/** Limits of DeleteTaskDefinitions and DeleteObjects. */
const maxDeleteDefinitions = 10;
const maxDeleteObjects = 1_000;
/** Fargate's longest grace between SIGTERM and SIGKILL, and time to take the task away. */
const stopPatienceMs = 180_000;
const lookMs = 2_000;

/**
 * Workers of runs in the ECS cluster. None when the cluster is gone: an earlier try came this far.
 * @returns "no-ecs" where the endpoint is an emulator without ECS, which has no task to look for
 */
export async function findWorkers(ecs: ECSClient, cluster: string): Promise<readonly ListedWorker[] | "no-ecs"> {
  try {
    return await listWorkers(ecs, cluster);
  } catch (error) {
    if (error instanceof ClusterNotFoundException) return [];
    // "Not implemented": no service of AWS itself answers so.
    if (error instanceof ECSServiceException && error.$metadata.httpStatusCode === 501) return "no-ecs";
    throw error;
  }
}

/**
 * Stops workers and waits until they are gone: an ECS cluster with tasks cannot be deleted.
 * @throws CloudburstError `workers_remain` after three minutes
 */
export async function stopWorkers(
  ecs: ECSClient,
  cluster: string,
  arns: readonly string[],
  world: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  await stopTasks(ecs, cluster, arns, "the stack is being destroyed");
  const deadline = world.clock.now() + stopPatienceMs;
  for (;;) {
    const tasks = await describeWorkers(ecs, cluster, arns);
    const left = tasks.filter(({ lastStatus }) => lastStatus !== "STOPPED").length;
    if (left === 0) return;
    if (world.clock.now() > deadline) {
      throw new CloudburstError("workers_remain", `${left} workers have not stopped within 3 minutes (try again)`);
    }
    await world.clock.sleep(lookMs, world.signal);
  }
}

export interface Emptied {
  readonly objects: number;
  /** Runs that had objects in the bucket. */
  readonly runIds: ReadonlySet<string>;
}

/** Deletes every object, under whatever prefix. */
export async function emptyBucket(store: Store, signal: AbortSignal): Promise<Emptied> {
  const runIds = new Set<string>();
  let objects = 0;
  let batch: string[] = [];
  const deleteBatch = async (): Promise<void> => {
    if (batch.length > 0) await store.delete(batch, { signal });
    objects += batch.length;
    batch = [];
  };
  for await (const key of store.list("", { signal })) {
    const runId = /^runs\/([^/]+)\//u.exec(key)?.[1];
    if (runId !== undefined) runIds.add(runId);
    batch.push(key);
    if (batch.length === maxDeleteObjects) await deleteBatch();
  }
  await deleteBatch();
  return { objects, runIds };
}

/** Deregisters and deletes all revisions of the families that begin so; returns how many. */
export async function deleteDefinitions(ecs: ECSClient, familyPrefix: string): Promise<number> {
  const families = await listFamilies(ecs, familyPrefix);
  let deleted = 0;
  for (const family of families) {
    for (const taskDefinition of await listRevisions(ecs, family, "ACTIVE")) {
      await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    }
    const revisions = await listRevisions(ecs, family, "INACTIVE");
    for (let from = 0; from < revisions.length; from += maxDeleteDefinitions) {
      const taskDefinitions = revisions.slice(from, from + maxDeleteDefinitions);
      await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions }));
    }
    deleted += revisions.length;
  }
  return deleted;
}

async function listFamilies(ecs: ECSClient, familyPrefix: string): Promise<readonly string[]> {
  const families: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix, status: "ALL", nextToken }));
    families.push(...(page.families ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return families;
}

async function listRevisions(
  ecs: ECSClient,
  family: string,
  status: "ACTIVE" | "INACTIVE",
): Promise<readonly string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: family, status, nextToken }));
    arns.push(...(page.taskDefinitionArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return arns.filter((arn) => arn.includes(`/${family}:`));
}

export interface DeletedQueues {
  readonly deleted: number;
  /** Queues of runs that have no object in this stack's bucket: they may be another stack's, and were left. */
  readonly left: readonly string[];
}

/** Deletes the queues of the given runs; names of queues do not tell which stack's they are, objects of runs do. */
export async function deleteRunQueues(sqs: SQSClient, runIds: ReadonlySet<string>): Promise<DeletedQueues> {
  const queues = await listRunQueues(sqs);
  const ours = queues.filter(({ runId }) => runIds.has(runId));
  for (const { url: QueueUrl } of ours) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  return { deleted: ours.length, left: queues.filter((queue) => !ours.includes(queue)).map(({ name }) => name) };
}
