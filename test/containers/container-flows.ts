/** Flows whose workers are containers, as one suite for every cloud that starts containers. */

import { arch } from "node:process";
import { CreateClusterCommand, DescribeTasksCommand, ECSClient, StopTaskCommand } from "@aws-sdk/client-ecs";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { until } from "../embedded/until.ts";
import { flattened, zipAndSum } from "../e2e/flows/arithmetic.ts";
import { plainFailure } from "../e2e/flows/failures.ts";
import { large } from "../e2e/flows/values.ts";
import { docker, requireEngine } from "./engine.ts";
import { slow, surroundings } from "./flows/slow.ts";

/** SQS, S3 and ECS at one endpoint, whose tasks are containers of the machine's engine. */
export interface ContainerCloud extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** What a container needs to be told, since this cloud does not tell it as Fargate would. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Label by which the engine tells the containers of a task. */
  readonly taskLabel: string;
}

const bucket = "container-flows";
const ecsCluster = "container-flows";
const slowCalls = 60;
const expectedOfSlow = Array.from({ length: slowCalls }, (_, x) => 2 * x);

interface Lab {
  readonly cloud: ContainerCloud;
  readonly ecs: ECSClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly executor: FargateExecutor;
}

async function openLab(open: () => Promise<ContainerCloud>): Promise<Lab> {
  const cloud = await open();
  const { endpoint, region, credentials } = cloud;
  const settings = { endpoint, region, credentials };
  const ecs = new ECSClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await ecs.send(new CreateClusterCommand({ clusterName: ecsCluster, capacityProviders: ["FARGATE", "FARGATE_SPOT"] }));
  const executor = new FargateExecutor({
    clusterClass: "FargateCluster",
    clusterKwargs: {
      ...settings,
      ...{ bucket, ecsCluster, subnets: ["subnet-0123456789abcdef0"] },
      image: requireEngine().workerImage,
      architecture: arch === "arm64" ? "ARM64" : "X86_64",
      ...{ cpu: 512, memory: 1024, nWorkers: 2, threadsPerWorker: 1 },
      ...{ leaseMs: 10_000, watchMs: 1_000 },
      environment: { ...cloud.environment, GREETING: "hello from the driver" },
    },
  });
  return { cloud, ecs, s3, sqs, executor };
}

/** Runs the slow flow, and does something to the worker that is the first to have committed a chunk. */
async function runSlow({ executor }: Lab, meanwhile: (task: string) => Promise<void>) {
  let done: Promise<void> | undefined;
  const state = await slow.run({
    parameters: { n: slowCalls },
    executor,
    onEvent: (event) => {
      if (event.type === "executor" && event.event.kind === "chunk-committed") done ??= meanwhile(event.event.workerId);
    },
  });
  await done;
  return state;
}

export function containerFlows(name: string, open: () => Promise<ContainerCloud>): void {
  describe(`flows on containers of ${name}`, () => {
    let lab: Lab;
    let failedRun = "";
    beforeAll(async () => {
      lab = await openLab(open);
    });
    afterAll(async () => {
      for (const client of [lab.ecs, lab.s3, lab.sqs]) client.destroy();
      await lab.cloud[Symbol.asyncDispose]();
    });

    it("give what they give on local workers", async () => {
      const state = await zipAndSum.run({ parameters: { n: 100 }, executor: lab.executor });
      expect(state.result.total).toBe(9900);
      expect(state.report).toMatchObject({ workers: 2, slots: 2 });
      const lists = await flattened.run({ parameters: { n: 20 }, executor: lab.executor });
      expect(lists.result).toHaveLength(190);
    });

    it("run as another user than root, and see the variables that the driver gives", async () => {
      const { result } = await surroundings.run({ executor: lab.executor });
      expect(result).toMatchObject({ user: 1000, greeting: "hello from the driver" });
    });

    it("pass large results from container to container through the store", async () => {
      expect((await large.run({ executor: lab.executor })).result).toEqual([300_000, 10, 400_000]);
    });

    it("tell errors with the line of the user's TypeScript", async () => {
      const state = await plainFailure.run({ executor: lab.executor });
      failedRun = state.runId;
      expect(state.error?.stack).toMatch(/flows\/failures\.ts:11:/);
    });

    it("lose no result when a container is killed: its chunk runs on another, which takes its place", async () => {
      const state = await runSlow(lab, async (task) => {
        const { taskArn = "" } = await describeTask(lab, task);
        await docker("kill", await docker("ps", "--quiet", "--filter", `label=${lab.cloud.taskLabel}=${taskArn}`));
      });
      expect(state.result).toEqual(expectedOfSlow);
      expect(state.report?.workers).toBe(3);
    });

    it("lose no result when a task is stopped: its worker finishes what it has in hand, and exits with 0", async () => {
      let stopped = "";
      const state = await runSlow(lab, async (task) => {
        stopped = task;
        await lab.ecs.send(new StopTaskCommand({ cluster: ecsCluster, task, reason: "on purpose" }));
        await until("the task is stopped", async () => (await describeTask(lab, task)).lastStatus === "STOPPED");
      });
      expect(state.result).toEqual(expectedOfSlow);
      expect(state.report?.duplicates).toBe(0);
      expect(await describeTask(lab, stopped)).toMatchObject({
        stoppedReason: "on purpose",
        containers: [{ exitCode: 0 }],
      });
    });

    it("leave neither queues nor objects nor containers of their own behind", async () => {
      const { QueueUrls = [] } = await lab.sqs.send(new ListQueuesCommand({ QueueNamePrefix: "cloudburst-" }));
      expect(QueueUrls).toEqual([]);
      const { Contents = [] } = await lab.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/" }));
      // Late workers learn from a run's lease that it has ended; a run that failed can be resumed.
      const left = Contents.filter(({ Key = "" }) => !Key.endsWith("/lease.json") && !Key.includes(failedRun));
      expect(left).toEqual([]);
      await until("no container runs", async () => {
        const running = await docker("ps", "--quiet", "--filter", `label=${lab.cloud.taskLabel}`);
        return running === "";
      });
    });
  });
}

async function describeTask({ ecs }: Lab, task: string) {
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: ecsCluster, tasks: [task] }));
  const [described] = tasks;
  if (described === undefined) throw new Error(`there is no task ${task}`);
  return described;
}
