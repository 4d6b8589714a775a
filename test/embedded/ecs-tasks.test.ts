import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import type { ContainerDefinition, RunTaskCommandInput, Task } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EmbeddedCloud, EmbeddedCloudOptions } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { deferred } from "./deferred.ts";
import { FakeLauncher } from "./fake-launcher.ts";
import type { FakeContainer } from "./fake-launcher.ts";
import { until } from "./until.ts";

const cluster = "tests";

let clock: FakeClock;
let launcher: FakeLauncher;
let cloud: EmbeddedCloud;
let client: ECSClient;

async function start(options: EmbeddedCloudOptions = {}): Promise<void> {
  cloud = await startEmbeddedCloud({ clock, launcher, ...options });
  const { endpoint, region, credentials } = cloud;
  client = new ECSClient({ endpoint, region, credentials });
  const capacityProviders = ["FARGATE", "FARGATE_SPOT"];
  await client.send(new CreateClusterCommand({ clusterName: cluster, capacityProviders }));
}

beforeEach(async () => {
  clock = new FakeClock();
  launcher = new FakeLauncher();
  await start();
});

afterEach(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
  expect(clock.sleeping).toBe(0); // no timer outlives the cloud
});

async function restart(options: EmbeddedCloudOptions): Promise<void> {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
  await start(options);
}

async function register(containers: readonly Partial<ContainerDefinition>[] = [{}]): Promise<string> {
  const reply = await client.send(
    new RegisterTaskDefinitionCommand({
      family: "family",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "1024",
      memory: "2048",
      containerDefinitions: containers.map((container) => ({ name: "main", image: "image", ...container })),
    }),
  );
  return reply.taskDefinition?.taskDefinitionArn ?? "";
}

async function run(taskDefinition: string, more: Partial<RunTaskCommandInput> = {}): Promise<readonly Task[]> {
  const input = {
    cluster,
    taskDefinition,
    launchType: "FARGATE" as const,
    networkConfiguration: { awsvpcConfiguration: { subnets: ["s"] } },
    ...more,
  };
  return (await client.send(new RunTaskCommand(input))).tasks ?? [];
}

async function runOne(taskDefinition: string, more: Partial<RunTaskCommandInput> = {}): Promise<string> {
  return (await run(taskDefinition, more))[0]?.taskArn ?? "";
}

async function describe(arn: string): Promise<Task | undefined> {
  return (await client.send(new DescribeTasksCommand({ cluster, tasks: [arn] }))).tasks?.[0];
}

async function reach(arn: string, state: string): Promise<Task | undefined> {
  await until(`the task is ${state}`, async () => (await describe(arn))?.lastStatus === state);
  return describe(arn);
}

async function container(index = 0): Promise<FakeContainer> {
  await until("the container runs", () => launcher.containers.length > index);
  return launcher.containers[index] as FakeContainer;
}

it("RunTask answers before anything is launched", async () => {
  const blocked = deferred<undefined>();
  launcher.beforeLaunch = blocked.promise;
  const arn = await runOne(await register());
  await reach(arn, "PENDING");
  expect(launcher.containers).toHaveLength(0);
  blocked.resolve(undefined);
  await reach(arn, "RUNNING");
});

it("a task is in PROVISIONING for as long as starting takes, and its container starts then", async () => {
  await restart({ startupLatencyMs: 30_000 });
  const arn = await runOne(await register());
  await until("the task waits", () => clock.sleeping === 1);
  await clock.advance(29_999);
  expect(await describe(arn)).toMatchObject({ lastStatus: "PROVISIONING", desiredStatus: "RUNNING" });
  await clock.advance(1);
  const task = await reach(arn, "RUNNING");
  expect(Number(task?.startedAt) - Number(task?.createdAt)).toBe(30_000);
});

it("a task that is stopped while it is starting is never launched", async () => {
  await restart({ startupLatencyMs: 30_000 });
  const arn = await runOne(await register());
  await until("the task waits", () => clock.sleeping === 1);
  await client.send(new StopTaskCommand({ cluster, task: arn, reason: "changed my mind" }));
  const task = await reach(arn, "STOPPED");
  expect(task).toMatchObject({ stopCode: "UserInitiated", stoppedReason: "changed my mind" });
  expect(task?.startedAt).toBeUndefined();
  expect(task?.containers?.[0]?.exitCode).toBeUndefined();
  expect(launcher.containers).toHaveLength(0);
});

it("a container that cannot be started gives TaskFailedToStart with the launcher's reason and no exit code", async () => {
  launcher.beforeLaunch = Promise.reject(new Error("CannotPullContainerError: no such image"));
  launcher.beforeLaunch.catch(() => undefined);
  const task = await reach(await runOne(await register()), "STOPPED");
  expect(task).toMatchObject({
    stopCode: "TaskFailedToStart",
    stoppedReason: "CannotPullContainerError: no such image",
    containers: [{ lastStatus: "STOPPED", reason: "CannotPullContainerError: no such image" }],
  });
  expect(task?.containers?.[0]?.exitCode).toBeUndefined();
});

it("without a launcher a task fails to start and says why", async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
  cloud = await startEmbeddedCloud();
  client = new ECSClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials });
  await client.send(new CreateClusterCommand({ clusterName: cluster }));
  const task = await reach(await runOne(await register()), "STOPPED");
  expect(task?.stoppedReason).toContain("was started without a launcher");
});

it("StopTask sends SIGTERM, and SIGKILL 30 seconds later", async () => {
  const arn = await runOne(await register());
  const { signals } = await container();
  await reach(arn, "RUNNING");
  await client.send(new StopTaskCommand({ cluster, task: arn }));
  expect(await reach(arn, "STOPPING")).toMatchObject({ desiredStatus: "STOPPED" });
  await clock.advance(29_999);
  expect(signals).toEqual(["SIGTERM"]);
  await clock.advance(1);
  expect(signals).toEqual(["SIGTERM", "SIGKILL"]);
  expect((await reach(arn, "STOPPED"))?.containers).toMatchObject([{ exitCode: 137 }]);
});

it("a container's own stopTimeout counts, and one that ends in time is not killed", async () => {
  const arn = await runOne(await register([{ stopTimeout: 120 }]));
  const main = await container();
  await reach(arn, "RUNNING");
  await client.send(new StopTaskCommand({ cluster, task: arn }));
  await reach(arn, "STOPPING");
  await clock.advance(119_999);
  main.exit(0);
  expect(await reach(arn, "STOPPED")).toMatchObject({ stopCode: "UserInitiated", containers: [{ exitCode: 0 }] });
  await clock.advance(1);
  expect(main.signals).toEqual(["SIGTERM"]);
});

it("the first cause to stop stands (E1)", async () => {
  const arn = await runOne(await register());
  (await container()).exit(3, "TypeError: x is not a function");
  await reach(arn, "STOPPED");
  const reply = await client.send(new StopTaskCommand({ cluster, task: arn, reason: "too late" }));
  expect(reply.task).toMatchObject({
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers: [{ exitCode: 3, reason: "TypeError: x is not a function" }],
  });
});

it("a task goes on without a container that is not essential, and takes it along when it ends", async () => {
  const arn = await runOne(
    await register([{}, { name: "helper", essential: false }, { name: "sidecar", essential: false }]),
  );
  const helper = await container(1);
  const sidecar = await container(2);
  await reach(arn, "RUNNING");
  helper.exit(1);
  await until("the helper has ended", async () => (await describe(arn))?.containers?.[1]?.lastStatus === "STOPPED");
  expect(await describe(arn)).toMatchObject({ lastStatus: "RUNNING" });
  (await container()).exit(0);
  await until("the sidecar is told", () => sidecar.signals.includes("SIGTERM"));
  sidecar.exit(143);
  expect((await reach(arn, "STOPPED"))?.containers).toMatchObject([
    { exitCode: 0 },
    { exitCode: 1 },
    { exitCode: 143 },
  ]);
});

it("a container is limited and shut in as its definition says, with the task's size where it has no limit of its own", async () => {
  const shut = {
    user: "1000:1000",
    readonlyRootFilesystem: true,
    mountPoints: [{ sourceVolume: "tmp", containerPath: "/tmp" }],
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
  };
  await runOne(await register([shut]), { overrides: { cpu: "1024", memory: "2048" } });
  expect((await container()).spec).toMatchObject({
    limits: { cpuUnits: 1024, memoryMib: 2048 },
    confinement: {
      user: "1000:1000",
      readonlyRoot: true,
      mountPaths: ["/tmp"],
      init: true,
      droppedCapabilities: ["ALL"],
    },
  });
});

it("a container gets the cloud's endpoint, credentials of its own, its definition's variables and the request's", async () => {
  const environment = [
    { name: "A", value: "definition" },
    { name: "B", value: "definition" },
  ];
  const overrides = { containerOverrides: [{ name: "main", environment: [{ name: "B", value: "override" }] }] };
  const definition = await register([{ environment, entryPoint: ["node"], command: ["worker.js"] }]);
  const arn = await runOne(definition, { overrides });
  const { spec } = await container();
  // As on AWS: a task acts in its role, not as whoever started it.
  expect(spec.environment["AWS_ACCESS_KEY_ID"]).not.toBe(cloud.credentials.accessKeyId);
  expect(spec).toMatchObject({
    image: "image",
    entryPoint: ["node"],
    command: ["worker.js"],
    taskArn: arn,
    containerName: "main",
    environment: {
      A: "definition",
      B: "override",
      AWS_REGION: cloud.region,
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_ACCESS_KEY_ID: expect.any(String) as string,
      AWS_SECRET_ACCESS_KEY: expect.any(String) as string,
    },
  });
});

it("a container reads its task's metadata unsigned, at an address that no one else knows", async () => {
  const arn = await runOne(await register());
  const uri = (await container()).spec.environment["ECS_CONTAINER_METADATA_URI_V4"] ?? "";
  await reach(arn, "RUNNING");
  expect(await (await fetch(`${uri}/task`)).json()).toMatchObject({
    TaskARN: arn,
    Family: "family",
    Revision: "1",
    KnownStatus: "RUNNING",
    Limits: { CPU: 1, Memory: 2048 },
    Containers: [{ Name: "main" }],
  });
  expect(await (await fetch(uri)).json()).toMatchObject({ Name: "main", KnownStatus: "RUNNING" });
  expect((await fetch(`${cloud.endpoint}/v4/${"0".repeat(32)}/task`)).status).toBe(404);
  expect(cloud.requestCounts()["ecs"]).not.toHaveProperty("task");
});

it("a stopped task is seen for an hour, and its client token counts as long", async () => {
  const definition = await register();
  const clientToken = "token";
  const arn = await runOne(definition, { clientToken });
  (await container()).exit(0);
  await reach(arn, "STOPPED");
  await clock.advance(3_600_000);
  expect(await runOne(definition, { clientToken })).toBe(arn);
  await clock.advance(1);
  expect(await describe(arn)).toBeUndefined();
  expect(await runOne(definition, { clientToken })).not.toBe(arn);
});

it("a strategy's base comes first, and the rest follows the weights", async () => {
  const strategy = [
    { capacityProvider: "FARGATE", weight: 1, base: 2 },
    { capacityProvider: "FARGATE_SPOT", weight: 3 },
  ];
  const tasks = await run(await register(), { launchType: undefined, capacityProviderStrategy: strategy, count: 10 });
  const onDemand = tasks.filter((task) => task.capacityProviderName === "FARGATE");
  expect(tasks).toHaveLength(10);
  expect(onDemand).toHaveLength(4);
});

it("a cluster counts its tasks and cannot be deleted while any of them is active", async () => {
  const arn = await runOne(await register());
  await reach(arn, "RUNNING");
  const described = await client.send(new DescribeClustersCommand({ clusters: [cluster] }));
  expect(described.clusters).toMatchObject([{ runningTasksCount: 1, pendingTasksCount: 0 }]);
  await expect(client.send(new DeleteClusterCommand({ cluster }))).rejects.toMatchObject({
    name: "ClusterContainsTasksException",
  });
  (await container()).exit(0);
  await reach(arn, "STOPPED");
  await client.send(new DeleteClusterCommand({ cluster }));
  await expect(client.send(new ListTasksCommand({ cluster }))).rejects.toMatchObject({
    name: "ClusterNotFoundException",
  });
});

it("disposing of the cloud kills every container and waits for its end (E2)", async () => {
  await run(await register(), { count: 3 });
  await container(2);
  await cloud[Symbol.asyncDispose]();
  expect(launcher.containers.map(({ signals }) => signals.at(-1))).toEqual(["SIGKILL", "SIGKILL", "SIGKILL"]);
});
