import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateClusterCommand, ECSClient } from "@aws-sdk/client-ecs";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FargateExecutor } from "../../src/index.ts";
import { chain, flattened, zipAndSum } from "../e2e/flows/arithmetic.ts";
import { killedOnce, plainFailure } from "../e2e/flows/failures.ts";
import { constant, echo, large, values } from "../e2e/flows/values.ts";
import { credentials, describeWithLocalstack, region, requireLocalstack } from "./cloud.ts";

const workerFile = fileURLToPath(new URL("../../dist/worker.mjs", import.meta.url));
const bucket = "flows";
const ecsCluster = "flows";

describeWithLocalstack("a flow whose queues and store are LocalStack's", () => {
  let directory: string;
  /** LocalStack's community version has no ECS. */
  let tasks: EmbeddedCloud;
  let sqs: SQSClient;
  let s3: S3Client;
  let executor: FargateExecutor;

  beforeAll(async () => {
    const endpoint = requireLocalstack();
    directory = mkdtempSync(join(tmpdir(), "cloudburst-localstack-"));
    tasks = await startEmbeddedCloud({ launcher: createProcessLauncher({ workerFile }) });
    sqs = new SQSClient({ endpoint, region, credentials, useQueueUrlAsEndpoint: false });
    s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const ecs = new ECSClient(tasks);
    await ecs.send(new CreateClusterCommand({ clusterName: ecsCluster, capacityProviders: ["FARGATE"] }));
    ecs.destroy();
    executor = new FargateExecutor({
      clusterClass: "FargateCluster",
      clusterKwargs: {
        ...{ region: tasks.region, credentials: tasks.credentials },
        endpoint: tasks.endpoint,
        endpoints: { sqs: endpoint, s3: endpoint },
        environment: { AWS_ENDPOINT_URL_SQS: endpoint, AWS_ENDPOINT_URL_S3: endpoint },
        ...{ bucket, ecsCluster, subnets: ["subnet-0123456789abcdef0"], image: "local" },
        ...{ nWorkers: 2, threadsPerWorker: 1, leaseMs: 10_000, watchMs: 1_000 },
      },
    });
  });

  afterAll(async () => {
    sqs.destroy();
    s3.destroy();
    await tasks[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  let failedRun = "";

  it("gives what it gives on the embedded cloud", async () => {
    const zipped = await zipAndSum.run({ parameters: { n: 100 }, executor });
    expect(zipped.result.total).toBe(9900);
    const chained = await chain.run({ parameters: { n: 50 }, executor });
    expect(chained.result).toEqual(Array.from({ length: 50 }, (_, i) => (i + 1) * 10));
    const lists = await flattened.run({ parameters: { n: 30 }, executor });
    expect(lists.result).toHaveLength(435);
  });

  it("asks LocalStack, and not the embedded cloud, for everything but tasks", () => {
    const counts = tasks.requestCounts();
    expect(counts["sqs"]).toBeUndefined();
    expect(counts["s3"]).toBeUndefined();
    expect(counts["ecs"]).toMatchObject({ RunTask: 3 });
  });

  it("carries every kind of value, small and large, out and back", async () => {
    expect((await echo.run({ executor })).result).toEqual(values);
    expect((await constant.run({ executor })).result).toEqual([0, 0, 7]);
    expect((await large.run({ executor })).result).toEqual([300_000, 10, 400_000]);
  });

  it("tells errors with the line of the user's TypeScript", async () => {
    const state = await plainFailure.run({ executor });
    failedRun = state.runId;
    expect(state.error).toMatchObject({ name: "LimitError", message: "too much: 5" });
    expect(state.error?.stack).toMatch(/flows\/failures\.ts:11:/);
  });

  it("loses no result when a worker is killed", async () => {
    const state = await killedOnce(join(directory, "killed")).run({ executor });
    expect(state.result).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(state.report?.workers).toBe(3);
  });

  it("leaves neither queues nor objects of its own behind", async () => {
    expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "cloudburst-" }))).QueueUrls ?? []).toEqual([]);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/" }));
    // Late workers learn from a run's lease that it has ended; a run that failed can be resumed.
    const left = Contents.filter(({ Key = "" }) => !Key.endsWith("/lease.json") && !Key.includes(failedRun));
    expect(left).toEqual([]);
  });
});
