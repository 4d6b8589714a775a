/**
 * A temporary cluster: two queues and workers on Fargate for one run, inside a bucket and an ECS cluster that exist.
 * Against the embedded cloud the very same code makes the local cluster.
 */
import { type ECSClient, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import type { S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { RequestCounter } from "../aws/request-counter.ts";
import { CloudburstError } from "../base/errors.ts";
import { createSqsQueue } from "../queue/sqs-queue.ts";
import { createS3Store } from "../store/s3-store.ts";
import { workerEnvironment } from "../wire/worker-environment.ts";
import type { Cluster } from "./cluster.ts";
import { createEcsFleet, type LaunchTemplate } from "./ecs-fleet.ts";

export interface FargateSettings {
  readonly runId: string;
  readonly description: string;
  readonly clients: { readonly sqs: SQSClient; readonly s3: S3Client; readonly ecs: ECSClient };
  readonly counter: RequestCounter;
  readonly bucket: string;
  readonly ecsCluster: string;
  readonly image: string;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly subnets: readonly string[];
  readonly workers: number;
  readonly slotsPerWorker: number;
  readonly leaseMs: number;
  readonly watchMs: number;
}

/** Messages of a run that died are forgotten after a day. */
const retentionSeconds = 24 * 60 * 60;
/** The longest that Fargate grants a container between SIGTERM and SIGKILL. */
const stopTimeoutSeconds = 120;
/** The driver deletes notices in groups, when it gets to it: they must not come back before. */
const noticeLeaseMs = 5 * 60 * 1000;
const containerName = "worker";

export async function openFargateCluster(settings: FargateSettings): Promise<Cluster> {
  const { clients, runId } = settings;
  const [tasksUrl, noticesUrl, taskDefinition] = await Promise.all([
    createQueue(clients.sqs, `cloudburst-${runId}-tasks`, settings.leaseMs),
    createQueue(clients.sqs, `cloudburst-${runId}-notices`, noticeLeaseMs),
    registerTaskDefinition(settings),
  ]);
  const environment = workerEnvironmentOf(settings, tasksUrl, noticesUrl);
  return {
    description: settings.description,
    tasks: createSqsQueue(clients.sqs, tasksUrl),
    notices: createSqsQueue(clients.sqs, noticesUrl),
    store: createS3Store(clients.s3, settings.bucket),
    fleet: createEcsFleet(clients.ecs, launchTemplate(settings, taskDefinition, environment)),
    workers: settings.workers,
    slotsPerWorker: settings.slotsPerWorker,
    leaseMs: settings.leaseMs,
    watchMs: settings.watchMs,
    requestCounts: () => settings.counter.counts(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        [tasksUrl, noticesUrl].map((url) => clients.sqs.send(new DeleteQueueCommand({ QueueUrl: url }))),
      );
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

async function createQueue(sqs: SQSClient, name: string, leaseMs: number): Promise<string> {
  const created = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: {
        VisibilityTimeout: String(Math.ceil(leaseMs / 1000)),
        MessageRetentionPeriod: String(retentionSeconds),
      },
    }),
  );
  if (created.QueueUrl === undefined) throw new CloudburstError("no_queue", `SQS gave no URL for the queue ${name}`);
  return created.QueueUrl;
}

async function registerTaskDefinition(settings: FargateSettings): Promise<string> {
  const reply = await settings.clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "cloudburst-worker",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: String(settings.cpu),
      memory: String(settings.memoryMiB),
      containerDefinitions: [
        { name: containerName, image: settings.image, essential: true, stopTimeout: stopTimeoutSeconds },
      ],
    }),
  );
  const arn = reply.taskDefinition?.taskDefinitionArn;
  if (arn === undefined) throw new CloudburstError("no_task_definition", "ECS gave no ARN for the task definition");
  return arn;
}

function workerEnvironmentOf(settings: FargateSettings, tasksUrl: string, noticesUrl: string): Record<string, string> {
  return {
    [workerEnvironment.runId]: settings.runId,
    [workerEnvironment.taskQueue]: tasksUrl,
    [workerEnvironment.noticeQueue]: noticesUrl,
    [workerEnvironment.bucket]: settings.bucket,
    [workerEnvironment.slots]: String(settings.slotsPerWorker),
    [workerEnvironment.leaseMs]: String(settings.leaseMs),
  };
}

function launchTemplate(
  settings: FargateSettings,
  taskDefinition: string,
  environment: Readonly<Record<string, string>>,
): LaunchTemplate {
  return {
    cluster: settings.ecsCluster,
    taskDefinition,
    launchType: "FARGATE",
    startedBy: settings.runId,
    networkConfiguration: { awsvpcConfiguration: { subnets: [...settings.subnets], assignPublicIp: "ENABLED" } },
    overrides: {
      containerOverrides: [
        { name: containerName, environment: Object.entries(environment).map(([name, value]) => ({ name, value })) },
      ],
    },
  };
}
