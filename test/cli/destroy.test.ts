import {
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { destroy } from "../../src/cli/destroy-command.ts";
import type { DestroyWorld } from "../../src/cli/destroy-command.ts";
import { createS3Store } from "../../src/store/s3-store.ts";
import { FakeLauncher } from "../embedded/fake-launcher.ts";
import { until } from "../embedded/until.ts";
import { bucket, ecsCluster, family, openAccount, outputs } from "../preflight/account.ts";
import type { Account } from "../preflight/account.ts";

let launcher: FakeLauncher;
let account: Account;
let cdkCalls: (readonly string[])[];
let said: string[];

beforeEach(async () => {
  launcher = new FakeLauncher();
  account = await openAccount({ launcher });
  cdkCalls = [];
  said = [];
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
});

function world(changes: Partial<DestroyWorld> = {}): DestroyWorld {
  return {
    aws: account.context().aws,
    env: {},
    clock: { ...systemClock, sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
    runCdk: (args) => {
      cdkCalls.push(args);
      return Promise.resolve(0);
    },
    confirm: () => Promise.resolve(true),
    say: (line) => said.push(line),
    ...changes,
  };
}

async function register(name: string): Promise<void> {
  await account.clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: name,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "worker", image: "acme/worker:1", stopTimeout: 2 }],
    }),
  );
}

async function runWorkers(count: number): Promise<void> {
  const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-1"] } };
  const where = { cluster: ecsCluster, taskDefinition: family, launchType: "FARGATE" as const, networkConfiguration };
  await account.clients.ecs.send(new RunTaskCommand({ ...where, count }));
  await until("the workers run", () => launcher.containers.length === count);
  for (const container of launcher.containers) {
    void until("the worker is told to stop", () => container.signals.length > 0).then(() => container.exit(0));
  }
}

async function putObjects(keys: readonly string[]): Promise<void> {
  const store = createS3Store(account.clients.s3, bucket);
  await Promise.all(keys.map((key) => store.put(key, new Uint8Array(1))));
}

async function remaining() {
  const { ecs, s3, sqs } = account.clients;
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: ecsCluster }));
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand());
  const { families } = await ecs.send(new ListTaskDefinitionFamiliesCommand({ status: "ALL" }));
  return {
    workers: taskArns?.length,
    objects: Contents?.length ?? 0,
    queues: QueueUrls.map((url) => url.slice(url.lastIndexOf("/") + 1)),
    families,
  };
}

it("workers are stopped and the bucket is empty before the CDK takes the stack; then definitions and queues go", async () => {
  await runWorkers(2);
  const many = Array.from({ length: 1_050 }, (_, at) => `runs/01run/out/task/${at}.pack`);
  await putObjects(["code/abc.mjs", "runs/02run/lease.json", "elsewhere/x", "top", ...many]);
  for (const name of ["cloudburst-01run-tasks", "cloudburst-02run-notices", "other-tasks"]) {
    await account.clients.sqs.send(new CreateQueueCommand({ QueueName: name }));
  }
  await register("Cloudburst-mine");
  await register("Cloudburst-mine");
  await register("Other-worker");
  let before: Awaited<ReturnType<typeof remaining>> | undefined;
  const runCdk = async (args: readonly string[]): Promise<number> => {
    cdkCalls.push(args);
    before = await remaining();
    return 0;
  };

  await destroy("Cloudburst", ["image=acme/worker:1"], world({ runCdk }));

  expect(before).toMatchObject({ workers: 0, objects: 0 });
  expect(cdkCalls).toEqual([
    ["destroy", "Cloudburst", "--force", "--context", "stackName=Cloudburst", "--context", "image=acme/worker:1"],
  ]);
  expect(await remaining()).toEqual({ workers: 0, objects: 0, queues: ["other-tasks"], families: ["Other-worker"] });
  const inactive = new ListTaskDefinitionsCommand({ status: "INACTIVE" });
  expect((await account.clients.ecs.send(inactive)).taskDefinitionArns).toEqual([]);
  expect(said).toEqual([
    "stopped 2 workers",
    "deleted 1054 objects",
    "deleted 3 task definitions",
    "deleted 2 queues of runs",
  ]);
});

it("queues of runs that this stack knows nothing of are another stack's: they are left, and named", async () => {
  await account.clients.sqs.send(new CreateQueueCommand({ QueueName: "cloudburst-03run-tasks" }));
  await destroy("Cloudburst", [], world());
  expect((await remaining()).queues).toEqual(["cloudburst-03run-tasks"]);
  expect(said.at(-1)).toContain("the queues cloudburst-03run-tasks");
});

describe("nothing is touched", () => {
  it("unless the user agrees to what is lost, which is told in numbers", async () => {
    await runWorkers(1);
    await putObjects(["code/abc.mjs"]);
    let asked = "";
    const confirm = (question: string): Promise<boolean> => {
      asked = question;
      return Promise.resolve(false);
    };
    await expect(destroy("Cloudburst", [], world({ confirm }))).rejects.toMatchObject({ code: "not_confirmed" });
    expect(asked).toBe(
      `This removes the stack Cloudburst in us-east-1, all objects in its bucket ${bucket}, and 1 running workers. Go on?`,
    );
    expect(await remaining()).toMatchObject({ workers: 1, objects: 1 });
    expect(cdkCalls).toEqual([]);
  });

  it("when there is no such stack", async () => {
    await expect(destroy("Other", [], world())).rejects.toMatchObject({ code: "no_stack" });
    expect(cdkCalls).toEqual([]);
  });
});

it("a CDK that fails is told, definitions stay, and a second try goes through although the bucket is gone", async () => {
  const failing = world({ runCdk: () => Promise.resolve(1) });
  await expect(destroy("Cloudburst", [], failing)).rejects.toMatchObject({
    code: "destroy_failed",
    message: expect.stringContaining(
      `list-entities-for-policy --policy-arn ${outputs.CloudburstDriverPolicyArn}`,
    ) as string,
  });
  expect((await remaining()).families).toEqual([family]);
  account.faults.refuse("s3:ListObjectsV2", {
    kind: "error",
    code: "NoSuchBucket",
    message: "The specified bucket does not exist",
    status: 404,
  });
  await destroy("Cloudburst", [], world());
  expect(said).toContain("deleted 1 task definitions");
});

it("an ECS cluster that is gone has no workers: an earlier try came that far", async () => {
  account.faults.refuse("ecs:ListTasks", {
    kind: "error",
    code: "ClusterNotFoundException",
    message: "Cluster not found.",
    status: 400,
  });
  await destroy("Cloudburst", [], world());
  expect(cdkCalls).toHaveLength(1);
});

it("an emulator without ECS has neither workers nor definitions: that is said, and the rest goes on", async () => {
  // As LocalStack's community version answers.
  const message = "The API for service ecs is either not included in your current license plan or not yet emulated";
  account.faults.refuse("ecs:ListTasks", { kind: "error", code: "InternalFailure", message, status: 501 });
  await putObjects(["code/abc.mjs"]);
  await destroy("Cloudburst", [], world());
  expect(said).toEqual([
    "not looked at: workers and task definitions, since the endpoint is an emulator without ECS",
    "deleted 1 objects",
    "deleted 0 queues of runs",
  ]);
  expect(cdkCalls).toHaveLength(1);
});

it("a step that is denied names action and resource, and who has the right", async () => {
  account.faults.refuse("ecs:ListTasks", { kind: "access-denied", resource: "arn:x" });
  await expect(destroy("Cloudburst", [], world())).rejects.toThrow(
    /may not do ecs:ListTasks on arn:x \(destroying takes the rights of whoever deployed it\)/,
  );
});
