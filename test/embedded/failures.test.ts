import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import type { RunTaskCommandInput, RunTaskCommandOutput, Task } from "@aws-sdk/client-ecs";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { CreateQueueCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EmbeddedCloud, Refusal } from "../../src/embedded/cloud.ts";
import { callerArn, EmbeddedFaults, launchFaults, startFaults } from "../../src/embedded/failures.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FakeLauncher } from "./fake-launcher.ts";
import { until } from "./until.ts";

const cluster = "tests";

let faults: EmbeddedFaults;
let launcher: FakeLauncher;
let cloud: EmbeddedCloud;
let clients: ReturnType<typeof openClients>;

function openClients({ endpoint, region, credentials }: EmbeddedCloud) {
  const settings = { endpoint, region, credentials, maxAttempts: 1 };
  return {
    cloudformation: new CloudFormationClient(settings),
    ecs: new ECSClient(settings),
    quotas: new ServiceQuotasClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sqs: new SQSClient(settings),
    sts: new STSClient(settings),
  };
}

beforeEach(async () => {
  faults = new EmbeddedFaults();
  launcher = new FakeLauncher();
  const stacks = [{ name: "Cloudburst", outputs: { CloudburstBucket: "bucket", Odd: "<&>" } }];
  cloud = await startEmbeddedCloud({ faults, launcher, stacks, quotas: { "fargate/L-3032A538": 6 } });
  clients = openClients(cloud);
  const capacityProviders = ["FARGATE", "FARGATE_SPOT"];
  await clients.ecs.send(new CreateClusterCommand({ clusterName: cluster, capacityProviders }));
});

afterEach(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await cloud[Symbol.asyncDispose]();
});

async function register(family = "family"): Promise<string> {
  const reply = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "1024",
      memory: "2048",
      containerDefinitions: [{ name: "main", image: "acme/worker:1", stopTimeout: 2 }],
    }),
  );
  return reply.taskDefinition?.taskDefinitionArn ?? "";
}

async function run(more: Partial<RunTaskCommandInput> = {}): Promise<RunTaskCommandOutput> {
  return await clients.ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: await register(),
      ...(more.capacityProviderStrategy === undefined && { launchType: "FARGATE" }),
      networkConfiguration: { awsvpcConfiguration: { subnets: ["s"] } },
      ...more,
    }),
  );
}

async function reach(task: Task | undefined, state: string): Promise<Task | undefined> {
  let seen: Task | undefined;
  await until(`the task is ${state}`, async () => {
    const { tasks } = await clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: [task?.taskArn ?? ""] }));
    seen = tasks?.[0];
    return seen?.lastStatus === state;
  });
  return seen;
}

describe("a request that is refused", () => {
  const denied = (resource: string): Refusal => ({ kind: "access-denied", resource });
  const text = (action: string, on: string) =>
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${on} because no identity-based policy allows the ${action} action`;

  it("names user, action and resource as ECS does", async () => {
    faults.refuse("ecs:RunTask", denied("arn:td"));
    const message = text("ecs:RunTask", "arn:td");
    await expect(run()).rejects.toMatchObject({ name: "AccessDeniedException", message });
    expect(launcher.containers).toHaveLength(0);
  });

  it("names an action that goes with it, like lending a role", async () => {
    faults.refuse("ecs:RunTask", { kind: "access-denied", resource: "arn:role", action: "iam:PassRole" });
    await expect(run()).rejects.toMatchObject({ message: text("iam:PassRole", "arn:role") });
  });

  it("spells the action in lower case as SQS does, and quotes the resource as S3 does", async () => {
    faults.refuse("sqs:CreateQueue", denied("arn:q"));
    faults.refuse("s3:PutObject", denied("arn:aws:s3:::b/k"));
    const queue = clients.sqs.send(new CreateQueueCommand({ QueueName: "q" }));
    await expect(queue).rejects.toMatchObject({ name: "AccessDenied", message: text("sqs:createqueue", "arn:q") });
    const put = clients.s3.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" }));
    const message = text("s3:PutObject", '"arn:aws:s3:::b/k"');
    await expect(put).rejects.toMatchObject({ name: "AccessDenied", message });
  });

  it("has the names that each protocol has for an expired session", async () => {
    for (const operation of [
      "sts:GetCallerIdentity",
      "cloudformation:DescribeStacks",
      "servicequotas:GetServiceQuota",
    ]) {
      faults.refuse(operation, { kind: "expired-token" });
    }
    await expect(clients.sts.send(new GetCallerIdentityCommand())).rejects.toMatchObject({
      name: "ExpiredToken",
      message: "The security token included in the request is expired",
    });
    await expect(clients.cloudformation.send(new DescribeStacksCommand())).rejects.toMatchObject({
      name: "ExpiredToken",
      $metadata: { httpStatusCode: 403 },
    });
    const quota = new GetServiceQuotaCommand({ ServiceCode: "fargate", QuotaCode: "L-3032A538" });
    await expect(clients.quotas.send(quota)).rejects.toMatchObject({ name: "ExpiredTokenException" });
  });

  it("is refused as often as was said, and retried by the SDK when AWS is too busy", async () => {
    faults.refuse("ecs:RunTask", { kind: "throttled" }, 1);
    faults.refuse("ecs:RunTask", { kind: "unavailable" }, 1);
    const { endpoint, region, credentials } = cloud;
    const patient = new ECSClient({ endpoint, region, credentials });
    const networkConfiguration = { awsvpcConfiguration: { subnets: ["s"] } };
    const input = { cluster, taskDefinition: await register(), launchType: "FARGATE" as const, networkConfiguration };
    const { tasks, $metadata } = await patient.send(new RunTaskCommand(input));
    patient.destroy();
    expect(tasks).toHaveLength(1);
    expect($metadata.attempts).toBe(3);
  });

  it("is done again once the faults are cleared", async () => {
    faults.refuse("ecs:RunTask", {
      kind: "error",
      code: "BlockedException",
      message: "Your account has been blocked.",
    });
    await expect(run()).rejects.toMatchObject({ name: "BlockedException" });
    faults.clear();
    expect((await run()).tasks).toHaveLength(1);
  });
});

it("a reply that is lost hides a request that was done", async () => {
  faults.loseReplies("sqs:CreateQueue", 1);
  await expect(clients.sqs.send(new CreateQueueCommand({ QueueName: "q" }))).rejects.toThrow();
  const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: "q" }));
  expect(QueueUrl).toContain("/q");
});

it("a lost reply of RunTask starts nothing twice, since the SDK repeats its client token", async () => {
  const { endpoint, region, credentials } = cloud;
  const patient = new ECSClient({ endpoint, region, credentials });
  const taskDefinition = await register();
  faults.loseReplies("ecs:RunTask", 1);
  const networkConfiguration = { awsvpcConfiguration: { subnets: ["s"] } };
  const input = { cluster, taskDefinition, launchType: "FARGATE" as const, networkConfiguration, count: 2 };
  const { tasks } = await patient.send(new RunTaskCommand(input));
  patient.destroy();
  expect(tasks).toHaveLength(2);
  await until("both containers run", () => launcher.containers.length === 2);
  expect(cloud.requestCounts()["ecs"]?.["RunTask"]).toBe(2);
});

describe("RunTask", () => {
  it("tells in `failures` which tasks there was no capacity for, in a reply of status 200", async () => {
    faults.failLaunches(launchFaults.noCapacity, 2);
    const { tasks, failures, $metadata } = await run({ count: 3 });
    expect($metadata.httpStatusCode).toBe(200);
    expect(tasks).toHaveLength(1);
    expect(failures).toEqual([launchFaults.noCapacity, launchFaults.noCapacity]);
  });

  it("starts nothing above the account's vCPU limit, and takes the same client token again later", async () => {
    faults.failLaunches(launchFaults.vcpuLimit, 2);
    const clientToken = "token";
    const taskDefinition = await register();
    const refused = await run({ count: 2, clientToken, taskDefinition });
    expect(refused).toMatchObject({ tasks: [], failures: [launchFaults.vcpuLimit, launchFaults.vcpuLimit] });
    expect((await run({ count: 2, clientToken, taskDefinition })).tasks).toHaveLength(2);
  });
});

describe("a task", () => {
  it("that cannot pull its image stops without having run a container", async () => {
    faults.failStarts(startFaults.imageMissing("acme/worker:1"), 1);
    const task = await reach((await run()).tasks?.[0], "STOPPED");
    expect(task).toMatchObject({ stopCode: "TaskFailedToStart" });
    expect(task?.stoppedReason).toMatch(/^CannotPullContainerError: .*acme\/worker:1: not found$/);
    expect(task?.containers?.[0]?.exitCode).toBeUndefined();
    expect(task?.startedAt).toBeUndefined();
    expect(launcher.containers).toHaveLength(0);
    await reach((await run()).tasks?.[0], "RUNNING");
  });

  it("of another architecture than its image ends with exit code 255", async () => {
    faults.failStarts(startFaults.wrongArchitecture);
    const task = await reach((await run()).tasks?.[0], "STOPPED");
    expect(task).toMatchObject({
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [{ exitCode: 255 }],
    });
  });

  it("on Spot gets SIGTERM when it is interrupted, and its stop time-out; others go on", async () => {
    const spot = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
    const interrupted = (await run({ capacityProviderStrategy: spot })).tasks?.[0];
    const other = (await run()).tasks?.[0];
    await reach(interrupted, "RUNNING");
    await reach(other, "RUNNING");
    expect(faults.interruptSpot()).toBe(1);
    expect(faults.interruptSpot()).toBe(0);
    await until("the container hears of it", () => launcher.containers.some(({ signals }) => signals.length > 0));
    const container = launcher.containers.find(({ signals }) => signals.length > 0);
    expect(container).toMatchObject({ signals: ["SIGTERM"], spec: { taskArn: interrupted?.taskArn } });
    container?.exit(0);
    expect(await reach(interrupted, "STOPPED")).toMatchObject({
      stopCode: "SpotInterruption",
      stoppedReason: "Your Spot Task was interrupted.",
      containers: [{ exitCode: 0 }],
    });
    await reach(other, "RUNNING");
  });
});

describe("what drivers look up", () => {
  it("a stack has its outputs, and one that is not there is a validation error", async () => {
    const { Stacks } = await clients.cloudformation.send(new DescribeStacksCommand({ StackName: "Cloudburst" }));
    expect(Stacks).toMatchObject([{ StackName: "Cloudburst", StackStatus: "CREATE_COMPLETE" }]);
    expect(Stacks?.[0]?.Outputs).toEqual([
      { OutputKey: "CloudburstBucket", OutputValue: "bucket" },
      { OutputKey: "Odd", OutputValue: "<&>" },
    ]);
    const missing = clients.cloudformation.send(new DescribeStacksCommand({ StackName: "Other" }));
    await expect(missing).rejects.toMatchObject({
      name: "ValidationError",
      message: "Stack with id Other does not exist",
    });
  });

  it("a quota has its value, and one that is not there is no resource", async () => {
    const quota = (QuotaCode: string) =>
      clients.quotas.send(new GetServiceQuotaCommand({ ServiceCode: "fargate", QuotaCode }));
    expect((await quota("L-3032A538")).Quota?.Value).toBe(6);
    await expect(quota("L-36FBB829")).rejects.toMatchObject({ name: "NoSuchResourceException" });
  });

  it("the caller has an ARN and an account", async () => {
    const identity = await clients.sts.send(new GetCallerIdentityCommand());
    expect(identity).toMatchObject({ Arn: callerArn, Account: "000000000000" });
  });

  it("nobody gets an answer without this cloud's access key", async () => {
    const { endpoint, region } = cloud;
    const stranger = new STSClient({ endpoint, region, credentials: { accessKeyId: "A", secretAccessKey: "B" } });
    await expect(stranger.send(new GetCallerIdentityCommand())).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    stranger.destroy();
  });
});
