/** What a user sees of a run that cannot work: soon, with the remedy, and with nothing left behind. */
import { DescribeTasksCommand, ListTasksCommand } from "@aws-sdk/client-ecs";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { LaunchFault, StartFault } from "../../src/embedded/cloud.ts";
import { launchFaults, startFaults } from "../../src/embedded/failures.ts";
import { FargateExecutor } from "../../src/index.ts";
import { chain } from "../e2e/flows/arithmetic.ts";
import { FakeLauncher } from "../embedded/fake-launcher.ts";
import { bucket, ecsCluster, openAccount } from "./account.ts";
import type { Account } from "./account.ts";

const image = "acme/worker:1";

let account: Account;

beforeEach(async () => {
  account = await openAccount({ launcher: new FakeLauncher() });
});

afterEach(async () => {
  account.faults.clear();
  const { ecs, sqs, s3 } = account.clients;
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: ecsCluster }));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand());
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/" }));
  // These two stay until the bucket's lifecycle takes them: late workers read that their run has ended, and it may be resumed.
  const objects = Contents.filter(({ Key }) => !/\/(?:lease|run)\.json$/.test(Key ?? ""));
  expect({ taskArns, QueueUrls, objects }).toEqual({ taskArns: [], QueueUrls: [], objects: [] });
  await account[Symbol.asyncDispose]();
});

async function messageOf(kwargs: object = {}): Promise<string> {
  const { endpoint, region, credentials } = account.cloud;
  const clusterKwargs = { endpoint, region, credentials, nWorkers: 2, watchMs: 1_000, ...kwargs };
  const executor = new FargateExecutor({ clusterClass: "FargateCluster", clusterKwargs });
  try {
    const state = await chain.run({ parameters: { n: 10 }, executor });
    return `${state.kind}: ${state.message} ${state.error?.message ?? ""}`;
  } catch (error) {
    return String(error);
  }
}

it.each([
  ["no stack", { stack: "Other" }, /stack Other .*npx cloudburst deploy Other/],
  [
    "a quota without room for one worker",
    { cpu: 8192 },
    /"Fargate On-Demand vCPU resource count" is 6 .*cpu to 4096.*https:/,
  ],
  ["an image for another architecture", { architecture: "X86_64" }, /built for ARM64 \(set architecture: "ARM64"/],
])("%s ends the run before anything is made", async (_what, kwargs, message) => {
  expect(await messageOf(kwargs)).toMatch(message);
  const { ecs = {}, sqs = {} } = account.cloud.requestCounts();
  expect([ecs["RunTask"], sqs["CreateQueue"]]).toEqual([undefined, undefined]);
});

it.each([
  ["cloudformation:DescribeStacks", /AWS session has expired/],
  ["s3:ListObjectsV2", /AWS session has expired/],
])("a session that %s finds expired ends the run before anything is made", async (operation, message) => {
  account.faults.refuse(operation, { kind: "expired-token" });
  expect(await messageOf()).toMatch(message);
  expect(account.cloud.requestCounts()["sqs"]).toBeUndefined();
});

it.each([
  ["cloudformation:DescribeStacks", "cloudformation:DescribeStacks"],
  ["s3:ListObjectsV2", "s3:ListBucket"],
  ["ecs:ListTasks", "ecs:ListTasks"],
  ["sqs:CreateQueue", "sqs:CreateQueue"],
  ["ecs:RegisterTaskDefinition", "iam:PassRole"],
  ["ecs:RunTask", "ecs:RunTask"],
  ["ecs:RunTask", "iam:PassRole"],
])("a missing permission for %s is told with the action %s and its resource", async (operation, action) => {
  const resource = "arn:aws:service:us-east-1:000000000000:thing";
  account.faults.refuse(operation, { kind: "access-denied", action, resource }, 1);
  // A definition of the run's own has to be registered.
  const message = await messageOf(operation === "ecs:RegisterTaskDefinition" ? { image: "acme/other:1" } : {});
  expect(message).toContain(action);
  expect(message).toContain(resource);
  expect(message).toMatch(/CloudburstDriverPolicyArn|allow the driver/);
});

it("a bucket that may not be written to ends the run before a worker is started", async () => {
  account.faults.refuse("s3:PutObject", { kind: "access-denied", resource: "arn:aws:s3:::b/runs/x" });
  expect(await messageOf()).toMatch(/allow s3:PutObject/);
  expect(account.cloud.requestCounts()["ecs"]?.["RunTask"]).toBeUndefined();
});

const wrongArchitecture: StartFault = startFaults.wrongArchitecture;
it.each<[string, StartFault, RegExp]>([
  [
    "whose image is not there",
    startFaults.imageMissing(image),
    /CannotPullContainerError.*not found \(the image acme\/worker:1 does not exist/,
  ],
  ["whose image may not be pulled", startFaults.imageDenied(image), /CannotPullContainerError.*\(.*may not be pulled/],
  [
    "whose image is for another platform",
    startFaults.platformMissing("linux/arm64"),
    /\(the image acme\/worker:1 is not built for ARM64/,
  ],
  [
    "that cannot run their image's program",
    wrongArchitecture,
    /exit code 255 \(the image acme\/worker:1 is not built for ARM64/,
  ],
  ["without a route", startFaults.noRoute("us-east-1"), /ResourceInitializationError.*\(the workers cannot reach AWS/],
  [
    "without an address",
    startFaults.noAddresses("subnet-1"),
    /InsufficientFreeAddressesInSubnet \(the subnets have no free addresses/,
  ],
])("workers %s end the run with ECS's reason and the remedy", async (_what, fault, message) => {
  account.faults.failStarts(fault);
  expect(await messageOf()).toMatch(message);
});

it.each<[string, LaunchFault]>([["vCPU limit", launchFaults.vcpuLimit]])(
  "a %s that RunTask tells is no end: the run waits for workers, and leaves nothing when it is cancelled",
  async (_what, fault) => {
    account.faults.failLaunches(fault);
    const { endpoint, region, credentials } = account.cloud;
    const executor = new FargateExecutor({
      clusterClass: "FargateCluster",
      clusterKwargs: { endpoint, region, credentials, nWorkers: 2, watchMs: 1_000 },
    });
    const cancelled = new AbortController();
    const warnings: string[] = [];
    const state = await chain.run({
      parameters: { n: 10 },
      executor,
      signal: cancelled.signal,
      onEvent: (event) => {
        if (event.type !== "executor" || event.event.kind !== "warning") return;
        warnings.push(event.event.message);
        cancelled.abort();
      },
    });
    expect(state.kind).toBe("Cancelled");
    expect(warnings[0]).toContain(fault.reason);
  },
);

it("a stopped worker's own description is what AWS gives", async () => {
  account.faults.failStarts(startFaults.imageMissing(image));
  await messageOf();
  const stopped = new ListTasksCommand({ cluster: ecsCluster, desiredStatus: "STOPPED" });
  const { taskArns = [] } = await account.clients.ecs.send(stopped);
  const describe = new DescribeTasksCommand({ cluster: ecsCluster, tasks: taskArns });
  const { tasks = [] } = await account.clients.ecs.send(describe);
  expect(new Set(tasks.map(({ stopCode }) => stopCode))).toEqual(new Set(["TaskFailedToStart"]));
});
