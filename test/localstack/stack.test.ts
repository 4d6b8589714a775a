import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { CreateClusterCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { systemClock } from "../../src/base/clock.ts";
import { destroy } from "../../src/cli/destroy-command.ts";
import { describeStack, findStack, readOutputsFile } from "../../src/cluster/stack-discovery.ts";
import type { FargateClusterOptions } from "../../src/cluster/fargate-options.ts";
import type { StackValues } from "../../src/cluster/stack-outputs.ts";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FargateExecutor } from "../../src/index.ts";
import { zipAndSum } from "../e2e/flows/arithmetic.ts";
import { credentials, describeWithLocalstack, region, requireLocalstack } from "./cloud.ts";
import { createKey, type Key } from "./keys.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const workerFile = join(root, "dist/worker.mjs");
/** The CDK's command line takes its time. */
const patienceMs = 180_000;
const image = "registry.example/cloudburst-worker:1";

describeWithLocalstack("the stack on LocalStack", () => {
  let directory: string;
  let outputsFile: string;
  /** LocalStack's community version has no ECS: it makes believe that the stack's clusters and services are there. */
  let tasks: EmbeddedCloud;
  let aws: { readonly endpoint: string; readonly region: string; readonly credentials: typeof credentials };
  let s3: S3Client;
  let sqs: SQSClient;
  /** With which the stack encrypts. */
  let key: Key;
  let deployed: StackValues;

  beforeAll(async () => {
    aws = { endpoint: requireLocalstack(), region, credentials };
    directory = mkdtempSync(join(tmpdir(), "cloudburst-stack-"));
    outputsFile = join(directory, "outputs.json");
    tasks = await startEmbeddedCloud({ launcher: createProcessLauncher({ workerFile }) });
    s3 = new S3Client({ ...aws, forcePathStyle: true });
    sqs = new SQSClient({ ...aws, useQueueUrlAsEndpoint: false });
  });
  afterAll(async () => {
    s3.destroy();
    sqs.destroy();
    await tasks[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  function environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
      CDK_DISABLE_CLI_TELEMETRY: "true",
      // It remembers there which account a key belongs to, and every emulator has another.
      CDK_HOME: directory,
      CI: "true",
    };
  }

  /** Fails with what the CDK's command line has printed. */
  async function cdkIn(cwd: string, ...args: readonly string[]): Promise<void> {
    const command = [join(root, "node_modules/aws-cdk/bin/cdk"), ...args, "--output", join(directory, "cdk.out")];
    const child = spawn(process.execPath, [...command, "--no-notices"], { cwd, env: environment() });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [out, err, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (exitCode !== 0) throw new Error(`cdk ${args.join(" ")} ended with ${String(exitCode)}\n${out}\n${err}`);
  }

  const cdk = (...args: readonly string[]): Promise<void> => cdkIn(root, ...args);
  const deploy = (...context: readonly string[]): Promise<void> =>
    cdk(
      ...["deploy", "--require-approval", "never", "--outputs-file", outputsFile],
      ...["-c", `image=${image}`],
      ...context,
    );
  const find = async (): Promise<StackValues> =>
    (await findStack("Cloudburst", aws, createRequestCounter(), AbortSignal.timeout(10_000))).values;

  it(
    "needs no more of an account than that it is bootstrapped, which takes no app and no cdk.json",
    () => cdkIn(directory, "bootstrap", `aws://000000000000/${region}`),
    patienceMs,
  );

  it(
    "is deployed, and tells drivers what they need, by CloudFormation and in a file alike",
    async () => {
      key = await createKey();
      await deploy("-c", `kmsKeyArn=${key.arn}`);
      deployed = await find();
      expect(deployed).toMatchObject({
        ecsCluster: "Cloudburst",
        image,
        architecture: "ARM64",
        region,
        kmsKeyArn: key.arn,
        taskDefinitionFamily: "Cloudburst-worker",
        subnets: expect.stringMatching(/^subnet-\w+,subnet-\w+$/) as unknown,
        securityGroup: expect.stringMatching(/^sg-/) as unknown,
        workerRoleArn: expect.stringMatching(/^arn:aws:iam::000000000000:role\//) as unknown,
      });
      expect(readOutputsFile(outputsFile, undefined).values).toEqual(deployed);
    },
    patienceMs,
  );

  it("has a bucket that is closed to the public and to plain HTTP, and a queue with a dead-letter queue", async () => {
    const Bucket = deployed.bucket;
    const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(block).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    expect(Policy).toContain('"aws:SecureTransport"');
    const command = new GetQueueAttributesCommand({ QueueUrl: deployed.sharedQueueUrl, AttributeNames: ["All"] });
    const { RedrivePolicy = "", KmsMasterKeyId } = (await sqs.send(command)).Attributes ?? {};
    expect(RedrivePolicy).toContain(deployed.sharedDeadLetterQueueUrl?.split("/").at(-1));
    expect(KmsMasterKeyId).toBe(key.arn);
  });

  /** A run that knows no more of the stack than its name. */
  async function runOnStack(more: FargateClusterOptions = {}): Promise<string> {
    const { endpoint } = aws;
    const executor = new FargateExecutor({
      clusterClass: "FargateCluster",
      clusterKwargs: {
        ...{ region, credentials: tasks.credentials },
        endpoint: tasks.endpoint,
        endpoints: { sqs: endpoint, s3: endpoint, cloudformation: endpoint },
        environment: { AWS_ENDPOINT_URL_SQS: endpoint, AWS_ENDPOINT_URL_S3: endpoint },
        ...{ image: "local", nWorkers: 1, leaseMs: 10_000, watchMs: 1_000 },
        ...more,
      },
    });
    const state = await zipAndSum.run({ parameters: { n: 10 }, executor });
    expect(state.result.total).toBe(90);
    return state.runId;
  }

  /** The keys with which the objects of a run are encrypted, which the run was to keep. */
  async function keysOf(runId: string): Promise<ReadonlySet<unknown>> {
    const Bucket = deployed.bucket;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `runs/${runId}/` }));
    expect(Contents.length).toBeGreaterThan(2); // a lease, and packs
    const heads = Contents.map(({ Key }) => s3.send(new HeadObjectCommand({ Bucket, Key })));
    return new Set((await Promise.all(heads)).map(({ SSEKMSKeyId }) => SSEKMSKeyId));
  }

  it("serves a run that knows no more of it than its name: driver and workers encrypt with the stack's key", async () => {
    const ecs = new ECSClient(tasks);
    await ecs.send(new CreateClusterCommand({ clusterName: "Cloudburst", capacityProviders: ["FARGATE"] }));
    ecs.destroy();
    expect(await keysOf(await runOnStack({ keepResults: true }))).toEqual(new Set([key.arn]));
  });

  it("lets a run have another key, and a run whose key is not there ends before it starts a worker", async () => {
    const { id: kmsKeyId, arn } = await createKey();
    expect(await keysOf(await runOnStack({ keepResults: true, security: { kmsKeyId } }))).toEqual(new Set([arn]));
    const before = tasks.requestCounts()["ecs"]?.["RunTask"];
    const nobodys = "01234567-89ab-cdef-0123-456789abcdef";
    await expect(runOnStack({ security: { kmsKeyId: nobodys } })).rejects.toThrow(nobodys);
    expect(tasks.requestCounts()["ecs"]?.["RunTask"]).toBe(before);
  });

  it(
    "is updated where its settings change, and keeps what they do not touch",
    async () => {
      await deploy("-c", "architecture=X86_64", "-c", "shared=false");
      const { sharedQueueUrl, sharedDeadLetterQueueUrl, sharedService, kmsKeyArn, ...kept } = deployed;
      expect([sharedQueueUrl, sharedDeadLetterQueueUrl, sharedService, kmsKeyArn]).not.toContain(undefined);
      expect(await find()).toEqual({ ...kept, architecture: "X86_64" });
    },
    patienceMs,
  );

  it(
    "is destroyed with all that it and its runs have made",
    async () => {
      const said: string[] = [];
      await destroy("Cloudburst", [`image=${image}`], {
        aws: { ...aws, credentials: tasks.credentials, endpoints: { ecs: tasks.endpoint } },
        env: environment(),
        clock: systemClock,
        signal: AbortSignal.timeout(patienceMs),
        runCdk: async (args) => {
          await cdk(...args);
          return 0;
        },
        confirm: () => Promise.resolve(true),
        say: (line) => said.push(line),
      });
      expect(said).toContain("deleted 1 task definitions"); // the run's own, since LocalStack has none of the stack's
      const gone = describeStack("Cloudburst", aws, createRequestCounter(), AbortSignal.timeout(10_000));
      await expect(gone).rejects.toMatchObject({ code: "no_stack" });
      await expect(s3.send(new HeadBucketCommand({ Bucket: deployed.bucket }))).rejects.toMatchObject({
        name: "NotFound",
      });
      expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "Cloudburst" }))).QueueUrls ?? []).toEqual([]);
    },
    patienceMs,
  );
});
