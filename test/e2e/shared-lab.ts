/** A stack's shared cluster in the embedded cloud: its queue, its bucket, its outputs, and workers as its service starts them. */
import { fileURLToPath } from "node:url";
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import type { EmbeddedCloud, SeenRequest } from "../../src/embedded/cloud.ts";
import type { EmbeddedFaults } from "../../src/embedded/failures.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FargateExecutor } from "../../src/index.ts";
import { workerEnvironment } from "../../src/wire/worker-environment.ts";
import { until } from "../embedded/until.ts";

const workerFile = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));

export interface SharedLabOptions {
  readonly onRequest?: (seen: SeenRequest) => void;
  readonly faults?: EmbeddedFaults;
  /** Lease of a chunk in hand. @default 10 */
  readonly leaseSeconds?: number;
  /** Names of the stack's parts, where a test wants others. */
  readonly names?: Partial<typeof defaultNames>;
  /** Outputs of the stack besides what a shared cluster needs. */
  readonly outputs?: Readonly<Record<string, string>>;
}

/** In the user agent of what the lab itself asks the cloud for. */
export const labAgent = "shared-lab";

export interface SharedLab extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  /** Joins the shared cluster by its address. */
  readonly executor: FargateExecutor;
  /** Lines that the workers printed. */
  readonly said: readonly string[];
  /** Starts shared workers, as the stack's service does; returns their ARNs when they poll. */
  startWorkers(count: number, environment?: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** Asks a worker to go, as a scale-in does, and waits for its end. */
  stopWorker(arn: string): Promise<Task>;
  describeWorkers(): Promise<readonly Task[]>;
  /** Messages in the shared queue: waiting, and in workers' hands. */
  depth(): Promise<{ readonly waiting: number; readonly inFlight: number }>;
  queueNames(): Promise<readonly string[]>;
}

const defaultNames = {
  bucket: "cloudburst-bucket",
  ecsCluster: "Cloudburst",
  queue: "Cloudburst-shared-tasks",
  family: "Cloudburst-shared",
};

export async function openSharedLab(options: SharedLabOptions = {}): Promise<SharedLab> {
  const names = { ...defaultNames, ...options.names };
  const said: string[] = [];
  const cloud = await startEmbeddedCloud({
    launcher: createProcessLauncher({ workerFile, output: (line) => said.push(line) }),
    stacks: [{ name: "Cloudburst", outputs: { ...outputsOf(names), ...options.outputs } }],
    ...(options.faults !== undefined && { faults: options.faults }),
    ...(options.onRequest !== undefined && { onRequest: options.onRequest }),
  });
  const own = { ...awsOf(cloud), customUserAgent: labAgent };
  const [sqs, s3, ecs] = [new SQSClient(own), new S3Client({ ...own, forcePathStyle: true }), new ECSClient(own)];
  const cluster = names.ecsCluster;
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: names.queue,
      Attributes: { VisibilityTimeout: String(options.leaseSeconds ?? 10) },
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: names.bucket }));
  await ecs.send(new CreateClusterCommand({ clusterName: cluster, capacityProviders: ["FARGATE", "FARGATE_SPOT"] }));
  const describe = async (tasks: string[]): Promise<readonly Task[]> =>
    tasks.length === 0 ? [] : ((await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? []);

  const polls = (): number => cloud.requestCounts()["sqs"]?.["ReceiveMessage"] ?? 0;

  return {
    cloud,
    executor: new FargateExecutor({ address: "fargate://Cloudburst", ...awsOf(cloud) }),
    said,
    startWorkers: async (count, environment = {}) => {
      const before = polls();
      const all = {
        [workerEnvironment.taskQueue]: QueueUrl ?? "",
        [workerEnvironment.bucket]: names.bucket,
        [workerEnvironment.leaseMs]: String((options.leaseSeconds ?? 10) * 1000),
        ...environment,
      };
      await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: names.family,
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: "256",
          memory: "512",
          containerDefinitions: [
            {
              name: "worker",
              image: "cloudburst-worker",
              essential: true,
              stopTimeout: 30,
              environment: Object.entries(all).map(([name, value]) => ({ name, value })),
            },
          ],
        }),
      );
      const { tasks = [] } = await ecs.send(
        new RunTaskCommand({
          cluster,
          taskDefinition: names.family,
          count,
          launchType: "FARGATE",
          group: "service:shared",
          networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
        }),
      );
      await until("the workers poll", () => polls() >= before + count);
      return tasks.flatMap(({ taskArn }) => taskArn ?? []);
    },
    stopWorker: async (arn) => {
      await ecs.send(new StopTaskCommand({ cluster, task: arn, reason: "scale in" }));
      await until("the worker has left", async () =>
        (await describe([arn])).every(({ lastStatus }) => lastStatus === "STOPPED"),
      );
      const [task] = await describe([arn]);
      if (task === undefined) throw new Error(`ECS does not know ${arn}`);
      return task;
    },
    describeWorkers: async () => await describe((await ecs.send(new ListTasksCommand({ cluster }))).taskArns ?? []),
    depth: async () => {
      const { Attributes: counts = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
      );
      return {
        waiting: Number(counts["ApproximateNumberOfMessages"]),
        inFlight: Number(counts["ApproximateNumberOfMessagesNotVisible"]),
      };
    },
    queueNames: async () => {
      const { QueueUrls: urls = [] } = await sqs.send(new ListQueuesCommand({}));
      return urls.map((url) => url.slice(url.lastIndexOf("/") + 1));
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of [sqs, s3, ecs]) client.destroy();
      await cloud[Symbol.asyncDispose]();
    },
  };
}

export function awsOf({ endpoint, region, credentials }: EmbeddedCloud) {
  return { endpoint, region, credentials };
}

function outputsOf(names: typeof defaultNames): Readonly<Record<string, string>> {
  return {
    [stackOutputs.region]: "us-east-1",
    [stackOutputs.bucket]: names.bucket,
    [stackOutputs.ecsCluster]: names.ecsCluster,
    [stackOutputs.subnets]: "subnet-1",
    [stackOutputs.sharedQueueUrl]: `https://sqs.us-east-1.amazonaws.com/000000000000/${names.queue}`,
    [stackOutputs.sharedService]: "Cloudburst-shared",
  };
}
