/** What a temporary cluster makes in an account, and that nothing of it is left. */
import { CreateQueueCommand, ListQueueTagsCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeTasksCommand, ListTasksCommand, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { FargateClusterOptions } from "../../src/cluster/fargate-options.ts";
import type { Refusal } from "../../src/embedded/cloud.ts";
import { launchFaults } from "../../src/embedded/failures.ts";
import { FargateCluster } from "../../src/index.ts";
import { FakeLauncher } from "../embedded/fake-launcher.ts";
import { type Account, bucket, ecsCluster, family, openAccount } from "../preflight/account.ts";

let account: Account;
let launcher: FakeLauncher;
let warnings: string[];

beforeEach(async () => {
  launcher = new FakeLauncher();
  account = await openAccount({ launcher });
  warnings = [];
});
afterEach(async () => {
  await account[Symbol.asyncDispose]();
});

const denied: Refusal = { kind: "access-denied", resource: "arn:aws:service:us-east-1:000000000000:thing" };

async function open(
  options: FargateClusterOptions = {},
  runId = "run1",
  signal = new AbortController().signal,
): Promise<Cluster> {
  const { endpoint, region, credentials } = account.cloud;
  const cluster = new FargateCluster({ endpoint, region, credentials, ...options });
  return await cluster.open({ runId, signal, warn: (message) => void warnings.push(message) });
}

/** Starts workers as the driver does. */
async function launch({ fleet }: Cluster, count: number, token = "token"): Promise<readonly string[]> {
  const reply = await fleet?.launch({ count, token, capacity: fleet.prefers });
  if (reply?.kind !== "answered") throw new Error(`no answer: ${JSON.stringify(reply)}`);
  return reply.ids;
}

async function queueNames(): Promise<readonly string[]> {
  const { QueueUrls: urls = [] } = await account.clients.sqs.send(new ListQueuesCommand());
  return urls.map((url) => url.split("/").at(-1) ?? "");
}

async function runningTasks(): Promise<readonly Task[]> {
  const { ecs } = account.clients;
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: ecsCluster }));
  if (taskArns.length === 0) return [];
  const described = await ecs.send(
    new DescribeTasksCommand({ cluster: ecsCluster, tasks: taskArns, include: ["TAGS"] }),
  );
  return described.tasks ?? [];
}

async function keys(): Promise<readonly string[]> {
  const { Contents: objects = [] } = await account.clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return objects.map(({ Key }) => Key ?? "");
}

async function firstTask(): Promise<Task> {
  const [task] = await runningTasks();
  if (task === undefined) throw new Error("no task is running");
  return task;
}

describe("opening a cluster", () => {
  it("runs the stack's own task definition and registers nothing", async () => {
    await using cluster = await open();
    await launch(cluster, 2);
    expect((await firstTask()).taskDefinitionArn).toMatch(new RegExp(`/${family}:1$`));
    expect(cluster.requestCounts()).toEqual({
      cloudformation: { DescribeStacks: 1 },
      s3: { ListObjectsV2: 1 },
      servicequotas: { GetServiceQuota: 1 },
      sqs: { CreateQueue: 2 },
      ecs: { DescribeTaskDefinition: 1, ListTasks: 1, RunTask: 1 },
    });
  });

  it("makes two queues with the run's name and tags, whose lease is the option's", async () => {
    await using cluster = await open({ leaseMs: 45_000, tags: { team: "climate" } });
    expect(await queueNames()).toEqual(["cloudburst-run1-notices", "cloudburst-run1-tasks"]);
    const { Tags: tags } = await account.clients.sqs.send(new ListQueueTagsCommand({ QueueUrl: cluster.tasks.url }));
    expect(tags).toEqual({ "cloudburst:run": "run1", "cloudburst:bucket": bucket, team: "climate" });
    expect(cluster.leaseMs).toBe(45_000);
  });

  it("starts workers under the run's id, with its tags, in the stack's subnets", async () => {
    await using cluster = await open({ tags: { team: "climate" }, environment: { RATE: "3" }, threadsPerWorker: 5 });
    await launch(cluster, 1);
    const task = await firstTask();
    expect(task.startedBy).toBe("run1");
    expect(task.tags).toEqual([
      { key: "cloudburst:run", value: "run1" },
      { key: "team", value: "climate" },
    ]);
    expect(launcher.containers[0]?.spec.environment).toMatchObject({
      CLOUDBURST_RUN_ID: "run1",
      CLOUDBURST_TASK_QUEUE_URL: cluster.tasks.url,
      CLOUDBURST_NOTICE_QUEUE_URL: cluster.notices.url,
      CLOUDBURST_BUCKET: bucket,
      CLOUDBURST_SLOTS: "5",
      CLOUDBURST_MEMORY_MIB: "2048",
      RATE: "3",
    });
  });

  it("has a slot for each vCPU, and four workers, unless told otherwise", async () => {
    await using usual = await open({}, "run1");
    await using large = await open({ cpu: 2048, nWorkers: 3 }, "run2");
    await using small = await open({ cpu: 256, nWorkers: 1 }, "run3");
    expect([usual, large, small].map(({ workers, slotsPerWorker }) => [workers, slotsPerWorker])).toEqual([
      [4, 1],
      [3, 2],
      [1, 1],
    ]);
  });

  it("has no more workers than the account's quota has room for, and says so before anything is made", async () => {
    await using cluster = await open({ nWorkers: 20, cpu: 2048 });
    expect([cluster.workers, cluster.quotaWorkers]).toEqual([3, 3]);
    expect(warnings).toEqual([expect.stringMatching(/^3 of the 20 workers .*the run goes on with 3 \(ask for more: /)]);
    await using small = await open({ nWorkers: 2 }, "run2");
    expect([small.workers, small.quotaWorkers, warnings.length]).toEqual([2, 6, 1]);
  });

  it("changes size, disk and roles of the stack's definition with each launch", async () => {
    const taskRoleArn = "arn:aws:iam::000000000000:role/mine";
    await using cluster = await open({ cpu: 2048, memory: 8192, nWorkers: 1, ephemeralStorageGiB: 50, taskRoleArn });
    await launch(cluster, 1);
    const task = await firstTask();
    expect(task.taskDefinitionArn).toContain(`/${family}:1`);
    expect(task).toMatchObject({ cpu: "2048", memory: "8192" });
    expect(task.overrides).toMatchObject({
      cpu: "2048",
      memory: "8192",
      ephemeralStorage: { sizeInGiB: 50 },
      taskRoleArn,
    });
  });

  it("asks for Spot by a strategy, and for on-demand by launch type, which needs no capacity provider", async () => {
    await using spot = await open({ capacityProvider: "FARGATE_SPOT" }, "spot");
    await launch(spot, 1, "spot");
    expect((await firstTask()).capacityProviderName).toBe("FARGATE_SPOT");
    expect([spot.fleet?.prefers, spot.fleet?.fallsBack]).toEqual(["spot", true]);
    await using other = await open({}, "other");
    await launch(other, 1, "other");
    const providers = (await runningTasks()).map(({ capacityProviderName }) => capacityProviderName);
    expect(new Set(providers)).toEqual(new Set(["FARGATE_SPOT", undefined]));
  });

  it("spreads a mix by its weights", async () => {
    await using cluster = await open({ capacityProvider: { FARGATE: 1, FARGATE_SPOT: 3 }, nWorkers: 8 });
    await launch(cluster, 8);
    const providers = (await runningTasks()).map(({ capacityProviderName }) => capacityProviderName);
    expect(providers.filter((provider) => provider === "FARGATE_SPOT")).toHaveLength(6);
  });

  it("works with explicit values alone, with no stack and no CloudFormation", async () => {
    const explicit = { bucket, ecsCluster, subnets: ["subnet-1"], image: "acme/worker:2", nWorkers: 1 };
    await using cluster = await open(explicit);
    await launch(cluster, 1);
    expect(cluster.requestCounts()["cloudformation"]).toBeUndefined();
    expect(launcher.containers[0]?.spec.image).toBe("acme/worker:2");
    expect(cluster.description).toBe(`the ECS cluster ${ecsCluster}`);
  });
});

describe("closing a cluster", () => {
  it("removes queues, the objects of a run that ended well, and stops what is left, and touches nothing else", async () => {
    const { sqs, s3, ecs } = account.clients;
    await sqs.send(new CreateQueueCommand({ QueueName: "cloudburst-other-tasks" }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "runs/run10/in/x", Body: "x" }));
    const awsvpcConfiguration = { subnets: ["subnet-1"] };
    const foreign = { cluster: ecsCluster, taskDefinition: family, launchType: "FARGATE" as const, startedBy: "run10" };
    await ecs.send(new RunTaskCommand({ ...foreign, networkConfiguration: { awsvpcConfiguration } }));

    const cluster = await open();
    await launch(cluster, 3);
    await cluster.store.put("runs/run1/out/inc/single.pack", Buffer.from("x"));
    await cluster.store.put("runs/run1/lease.json", Buffer.from("{}"));
    cluster.discardResults?.();
    await cluster[Symbol.asyncDispose]();

    expect(await queueNames()).toEqual(["cloudburst-other-tasks"]);
    expect(await keys()).toEqual(["runs/run1/lease.json", "runs/run10/in/x"]);
    expect((await runningTasks()).map(({ startedBy }) => startedBy)).toEqual(["run10"]);
    expect(warnings).toEqual([]);
  });

  it("costs two deletions of queues, one look for workers, and one page of objects", async () => {
    const cluster = await open();
    const before = structuredClone(cluster.requestCounts());
    cluster.discardResults?.();
    await cluster[Symbol.asyncDispose]();
    const after = cluster.requestCounts();
    expect(before["sqs"]).toEqual({ CreateQueue: 2 });
    expect(after["sqs"]).toEqual({ CreateQueue: 2, DeleteQueue: 2 });
    expect(after["ecs"]).toEqual({ ...before["ecs"], ListTasks: 2 });
    expect(after["s3"]).toEqual({ ListObjectsV2: 2 });
  });

  it("keeps the results when asked to", async () => {
    const cluster = await open({ keepResults: true });
    await cluster.store.put("runs/run1/out/inc/single.pack", Buffer.from("x"));
    cluster.discardResults?.();
    await cluster[Symbol.asyncDispose]();
    expect(await keys()).toEqual(["runs/run1/out/inc/single.pack"]);
  });

  it("keeps the results of a run that did not end well, for a driver that resumes it", async () => {
    const cluster = await open();
    await cluster.store.put("runs/run1/out/inc/single.pack", Buffer.from("x"));
    await cluster[Symbol.asyncDispose]();
    expect(await keys()).toEqual(["runs/run1/out/inc/single.pack"]);
  });

  it("happens once, however often it is asked for", async () => {
    const cluster = await open();
    await Promise.all([cluster[Symbol.asyncDispose](), cluster[Symbol.asyncDispose]()]);
    await cluster[Symbol.asyncDispose]();
    expect(cluster.requestCounts()["sqs"]).toMatchObject({ DeleteQueue: 2 });
  });

  it("stops workers of which no reply told", async () => {
    const cluster = await open();
    account.faults.loseReplies("ecs:RunTask");
    const reply = await cluster.fleet?.launch({ count: 2, token: "lost", capacity: "on-demand" });
    expect(reply?.kind).toBe("refused");
    expect(await runningTasks()).toHaveLength(2);
    await cluster[Symbol.asyncDispose]();
    expect(await runningTasks()).toEqual([]);
  });

  it("goes on when a step fails, and tells what is left", async () => {
    const cluster = await open();
    await launch(cluster, 1);
    account.faults.refuse("sqs:DeleteQueue", denied, 1);
    await cluster[Symbol.asyncDispose]();
    expect(await runningTasks()).toEqual([]);
    expect(await queueNames()).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringMatching(/^clean-up was incomplete: the queues cloudburst-run1-\w+ are left: .*sqs:DeleteQueue/),
    ]);
  });

  it("waits out throttling until every worker has been told to stop", async () => {
    const cluster = await open({ nWorkers: 6 });
    await launch(cluster, 6);
    account.faults.refuse("ecs:StopTask", { kind: "throttled" }, 8);
    await cluster[Symbol.asyncDispose]();
    expect(await runningTasks()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("tells how many workers could not be stopped", async () => {
    const cluster = await open();
    await launch(cluster, 2);
    account.faults.refuse("ecs:StopTask", denied);
    await cluster[Symbol.asyncDispose]();
    expect(warnings).toEqual([
      expect.stringMatching(/2 of 2 workers could not be told to stop: AccessDenied.*they leave by themselves/),
    ]);
    expect(await queueNames()).toEqual([]); // without their queue they have no work left
  });
});

describe("an opening that fails", () => {
  const own = { image: "acme/other:1" };
  it.each<[string, FargateClusterOptions]>([
    ["cloudformation:DescribeStacks", {}],
    ["ecs:DescribeTaskDefinition", {}],
    ["s3:ListObjectsV2", {}],
    ["ecs:ListTasks", {}],
    ["sqs:CreateQueue", {}],
    ["ecs:DescribeTaskDefinition", own],
    ["ecs:RegisterTaskDefinition", own],
  ])("at %s with %j leaves nothing", async (operation, options) => {
    account.faults.refuse(operation, denied, 1);
    await expect(open(options)).rejects.toMatchObject({ code: "access_denied" });
    expect(await queueNames()).toEqual([]);
  });

  it("since the reply to a queue's creation was lost leaves no queue", async () => {
    account.faults.loseReplies("sqs:CreateQueue");
    await expect(open()).rejects.toMatchObject({ code: "unreachable" });
    expect(await queueNames()).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])(
    "since the run was cancelled while client %i asked for credentials leaves nothing",
    async (nth) => {
      const cancelled = new AbortController();
      let clients = 0;
      const credentials = async () => {
        clients += 1;
        if (clients === nth) cancelled.abort(new Error("stop it"));
        return account.cloud.credentials;
      };
      await expect(open({ ...own, credentials }, "run1", cancelled.signal)).rejects.toThrow(/stop it|aborted/i);
      expect(clients).toBeGreaterThanOrEqual(nth);
      expect(await queueNames()).toEqual([]);
    },
  );

  it("since a role may not be passed names the action and the resource", async () => {
    account.faults.refuse("ecs:RegisterTaskDefinition", { ...denied, action: "iam:PassRole" }, 1);
    await expect(open(own)).rejects.toThrow(/iam:PassRole on arn:aws:service/);
  });
});

describe("several clusters at once", () => {
  it("share nothing: closing one leaves the others whole", async () => {
    const runs = ["runa", "runb", "runc"];
    const clusters = await Promise.all(runs.map((runId) => open({ nWorkers: 2 }, runId)));
    await Promise.all(clusters.map((cluster, index) => launch(cluster, 2, `token-${runs[index] ?? ""}`)));
    await clusters[1]?.[Symbol.asyncDispose]();
    expect(await queueNames()).toEqual([
      "cloudburst-runa-notices",
      "cloudburst-runa-tasks",
      "cloudburst-runc-notices",
      "cloudburst-runc-tasks",
    ]);
    expect((await runningTasks()).map(({ startedBy }) => startedBy).sort()).toEqual(["runa", "runa", "runc", "runc"]);
    await Promise.all(clusters.map((cluster) => cluster[Symbol.asyncDispose]()));
    expect([await queueNames(), await runningTasks()]).toEqual([[], []]);
  });
});

describe("the fleet on ECS", () => {
  it("tells a shortfall with the reason, and what was started", async () => {
    await using cluster = await open();
    account.faults.failLaunches(launchFaults.vcpuLimit, 2);
    const reply = await cluster.fleet?.launch({ count: 5, token: "t", capacity: "on-demand" });
    expect(reply).toMatchObject({ kind: "answered", failures: [{ reason: launchFaults.vcpuLimit.reason }, {}] });
    expect(await runningTasks()).toHaveLength(3);
  });

  it("starts nothing twice under one token", async () => {
    await using cluster = await open();
    const [once, again] = [await launch(cluster, 3, "same"), await launch(cluster, 3, "same")];
    expect(again).toEqual(once);
    expect(await runningTasks()).toHaveLength(3);
  });

  it("knows a worker that Spot took back from one that died", async () => {
    await using cluster = await open({ capacityProvider: { FARGATE: 1, FARGATE_SPOT: 1 }, nWorkers: 2 });
    const ids = await launch(cluster, 2);
    account.faults.interruptSpot();
    for (const container of launcher.containers) container.exit(1, "worker: broken");
    const seen = (await cluster.fleet?.observe(ids)) ?? [];
    expect(seen.map(({ status }) => status)).toEqual(["stopped", "stopped"]);
    expect(seen.map(({ interrupted }) => interrupted).sort()).toEqual([false, true]);
    expect(seen.find(({ interrupted }) => !interrupted)?.reason).toContain("exit code 1");
  });

  it("does not know what ECS has never heard of", async () => {
    await using cluster = await open();
    expect(await cluster.fleet?.observe(["0123456789abcdef"])).toEqual([
      { id: "0123456789abcdef", status: "unknown", reason: undefined, interrupted: false },
    ]);
  });
});
