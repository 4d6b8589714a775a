/** Temporary clusters with real worker processes, in an account that the embedded cloud plays. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ListTaskDefinitionFamiliesCommand, ListTasksCommand } from "@aws-sdk/client-ecs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SeenRequest } from "../../src/embedded/cloud.ts";
import { launchFaults } from "../../src/embedded/failures.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import { type ExecutorEvent, FargateExecutor, type FargateClusterOptions, type RunEvent } from "../../src/index.ts";
import { type Account, bucket, ecsCluster, openAccount, outputs } from "../preflight/account.ts";
import { zipAndSum } from "./flows/arithmetic.ts";
import { encrypted, failing, slowSquares, variable } from "./flows/on-fargate.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const launcher = createProcessLauncher({ workerFile: join(root, "dist/worker.mjs") });
let account: Account;
let kwargs: FargateClusterOptions;

beforeEach(async () => {
  account = await openAccount({ launcher, quotas: { "fargate/L-3032A538": 64, "fargate/L-36FBB829": 64 } });
  const { endpoint, region, credentials } = account.cloud;
  kwargs = { endpoint, region, credentials, nWorkers: 2, watchMs: 1_000 };
});

/**
 * Whatever a run was, nothing of it may be left but its lease, and what one that did not end well can be resumed from: a
 * lifecycle rule takes that away.
 */
let resumable: boolean;
beforeEach(() => (resumable = false));
afterEach(async () => {
  const left = await leftovers();
  await account[Symbol.asyncDispose]();
  expect(left).toEqual({ queues: [], tasks: [], objects: resumable ? (expect.any(Array) as unknown) : [] });
});

async function leftovers() {
  const { sqs, ecs, s3 } = account.clients;
  const { QueueUrls: queues = [] } = await sqs.send(new ListQueuesCommand());
  const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ cluster: ecsCluster }));
  const { Contents: contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/" }));
  const objects = contents.flatMap(({ Key: key = "" }) => (key.endsWith("/lease.json") ? [] : [key]));
  return { queues, tasks, objects };
}

function on(more: FargateClusterOptions = {}): FargateExecutor {
  return new FargateExecutor({ clusterClass: "FargateCluster", clusterKwargs: { ...kwargs, ...more } });
}

/** Takes down what the executor says, and does something at the first word of a kind. */
function listener(kind?: ExecutorEvent["kind"], act: () => void = () => undefined) {
  const events: ExecutorEvent[] = [];
  let acted = false;
  const onEvent = (event: RunEvent): void => {
    if (event.type !== "executor") return;
    events.push(event.event);
    if (event.event.kind !== kind || acted) return;
    acted = true;
    act();
  };
  return { events, onEvent };
}

const sumOfSquares = (n: number): number => ((n - 1) * n * (2 * n - 1)) / 6;

describe("a flow on a temporary cluster", () => {
  it("finds the stack by its name, and gives what it gives in one process", async () => {
    const { result, report } = await zipAndSum.run({ parameters: { n: 100 }, executor: on() });
    expect(result.total).toBe(9900);
    expect(report).toMatchObject({ cluster: "the stack Cloudburst in us-east-1", workers: 2, slots: 2 });
    expect(report?.requests).toMatchObject({
      cloudformation: { DescribeStacks: 1 },
      ecs: { DescribeTaskDefinition: 1, RunTask: 1, StopTask: 2 },
    });
    expect(report?.requests["ecs"]).not.toHaveProperty("RegisterTaskDefinition");
    expect(report?.requests["sqs"]).toMatchObject({ CreateQueue: 2, DeleteQueue: 2 });
  });

  it("finds it in an outputs file as well", async () => {
    const directory = mkdtempSync(join(tmpdir(), "cloudburst-outputs-"));
    const outputsFile = join(directory, "outputs.json");
    writeFileSync(outputsFile, JSON.stringify({ Cloudburst: outputs }));
    const state = await slowSquares.run({
      parameters: { n: 10 },
      executor: on({ outputsFile, region: "eu-central-1" }),
    });
    rmSync(directory, { recursive: true });
    expect(state.report?.prices).toMatchObject({ region: "eu-central-1", remark: undefined });
    expect(state.result).toBe(sumOfSquares(10));
    expect(state.report?.requests).not.toHaveProperty("cloudformation");
  });

  it("needs no stack where everything is named, and registers its definition once", async () => {
    const executor = on({ bucket, ecsCluster, subnets: ["subnet-1"], image: "acme/other:1", architecture: "X86_64" });
    const first = await slowSquares.run({ parameters: { n: 10 }, executor });
    const second = await slowSquares.run({ parameters: { n: 10 }, executor });
    expect([first.result, second.result]).toEqual([sumOfSquares(10), sumOfSquares(10)]);
    expect(first.report?.requests["ecs"]).toMatchObject({ RegisterTaskDefinition: 1 });
    expect(second.report?.requests["ecs"]).not.toHaveProperty("RegisterTaskDefinition");
    const { families } = await account.clients.ecs.send(new ListTaskDefinitionFamiliesCommand({}));
    expect(families).toHaveLength(2);
  });

  it("hands variables to the flow's code", async () => {
    const state = await variable.run({ parameters: { name: "RATE" }, executor: on({ environment: { RATE: "3 %" } }) });
    expect(state.result).toBe("3 %");
  });
});

describe("a key of one's own", () => {
  const kmsKeyId = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

  it.each([
    ["of the run", { security: { kmsKeyId } }, {}],
    ["of the stack", {}, { CloudburstKmsKeyArn: kmsKeyId }],
    ["of the run before the stack's", { security: { kmsKeyId } }, { CloudburstKmsKeyArn: `${kmsKeyId}0` }],
  ])("%s encrypts each object that driver and workers write, and both queues", async (_, security, output) => {
    const written = new Set<string>();
    const queues: unknown[] = [];
    const encryption = ["aws:kms", kmsKeyId, "true"];
    const onRequest = ({ operation, request }: SeenRequest): void => {
      if (operation === "CreateQueue") queues.push(JSON.parse(request.body.toString()));
      if (operation !== "PutObject") return;
      const told = ["", "-aws-kms-key-id", "-bucket-key-enabled"].map(
        (name) => request.headers[`x-amz-server-side-encryption${name}`],
      );
      const kind = /\/(code|lease\.json|run\.json|in|out)\b/.exec(request.path)?.[1] ?? request.path;
      written.add(`${kind}: ${JSON.stringify(told) === JSON.stringify(encryption) ? "encrypted" : "not encrypted"}`);
    };
    const stacks = [{ name: "Cloudburst", outputs: { ...outputs, ...output } }];
    await using other = await openAccount({ launcher, onRequest, stacks });
    const { endpoint, region, credentials } = other.cloud;
    const clusterKwargs = { ...kwargs, endpoint, region, credentials, ...security };
    const executor = new FargateExecutor({ clusterClass: "FargateCluster", clusterKwargs });
    const { result } = await encrypted.run({ parameters: { text: "x".repeat(60_000) }, executor });
    expect(result).toBe(2 * 60_000);
    expect([...written].sort()).toEqual(
      ["code", "in", "lease.json", "out", "run.json"].map((kind) => `${kind}: encrypted`),
    );
    expect(queues).toMatchObject([
      { Attributes: { KmsMasterKeyId: kmsKeyId } },
      { Attributes: { KmsMasterKeyId: kmsKeyId } },
    ]);
  });

  it("is refused on a shared cluster, where others' workers write", () => {
    const options = { address: "fargate://Cloudburst", security: { kmsKeyId } };
    expect(() => new FargateExecutor(options)).toThrow(/`security.kmsKeyId` belongs to temporary clusters/);
  });
});

describe("several runs at once", () => {
  it("in one process have workers, queues and objects of their own", async () => {
    const executor = on();
    const runs = await Promise.all([20, 30, 40].map((n) => slowSquares.run({ parameters: { n }, executor })));
    expect(runs.map(({ result }) => result)).toEqual([20, 30, 40].map(sumOfSquares));
    expect(runs.map(({ report }) => report?.workers)).toEqual([2, 2, 2]);
  });

  it("in several processes as well", async () => {
    const driver = join(root, "test/e2e/flows/fargate-driver.ts");
    const args = ["--import", import.meta.resolve("tsx"), driver, JSON.stringify(kwargs)];
    const drive = async (n: number): Promise<unknown> => {
      const { stdout } = await promisify(execFile)(process.execPath, [...args, String(n)], { cwd: root });
      return JSON.parse(stdout);
    };
    const [a, b, own] = await Promise.all([
      drive(20),
      drive(30),
      slowSquares.run({ parameters: { n: 40 }, executor: on() }),
    ]);
    expect(a).toEqual({ kind: "Success", result: sumOfSquares(20), workers: 2 });
    expect(b).toEqual({ kind: "Success", result: sumOfSquares(30), workers: 2 });
    expect(own.result).toBe(sumOfSquares(40));
  }, 60_000);
});

describe("a run that does not end well leaves nothing but what it can be resumed from", () => {
  beforeEach(() => (resumable = true));

  it("when its tasks fail", async () => {
    const state = await failing.run({ parameters: { n: 3 }, executor: on() });
    expect(state.kind).toBe("Failed");
  });

  it("when it is cancelled while its workers work", async () => {
    const cancelled = new AbortController();
    const { onEvent } = listener("worker-joined", () => cancelled.abort());
    const options = { parameters: { n: 500 }, executor: on(), signal: cancelled.signal, onEvent };
    expect((await slowSquares.run(options)).kind).toBe("Cancelled");
  });

  it("when it is cancelled before its first worker has started", async () => {
    const cancelled = new AbortController();
    const { onEvent } = listener("cluster-started", () => cancelled.abort());
    const options = { parameters: { n: 50 }, executor: on(), signal: cancelled.signal, onEvent };
    expect((await slowSquares.run(options)).kind).toBe("Cancelled");
  });

  it("when no worker may be started in place of those that it has lost", async () => {
    const { onEvent } = listener("worker-joined", () => {
      account.faults.refuse("ecs:RunTask", { kind: "access-denied", resource: "arn:aws:ecs:::task-definition/x" });
      account.faults.interruptSpot();
    });
    const executor = on({ capacityProvider: "FARGATE_SPOT" });
    const state = await slowSquares.run({ parameters: { n: 500 }, executor, onEvent });
    expect(state.kind).toBe("Failed");
    expect(String(state.error)).toMatch(/ECS refuses to start workers: AccessDeniedException/);
  });

  it("when the objects that it needs cannot be written", async () => {
    account.faults.refuse("s3:PutObject", { kind: "access-denied", resource: "arn:aws:s3:::b/runs/x" });
    await expect(slowSquares.run({ parameters: { n: 5 }, executor: on() })).rejects.toThrow(/AccessDenied/);
  });
});

describe("a cluster in bad weather", () => {
  it("goes on with the workers that it gets, and says so once", async () => {
    account.faults.failLaunches(launchFaults.vcpuLimit, 1);
    const { events, onEvent } = listener();
    const state = await slowSquares.run({ parameters: { n: 40 }, executor: on(), onEvent });
    expect(state.result).toBe(sumOfSquares(40));
    expect(state.report?.workers).toBe(1);
    const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
    expect(warnings).toEqual([
      expect.stringContaining("vCPU quota is reached; the run goes on with the workers that it has"),
    ]);
  });

  it("starts nothing twice when replies to RunTask are lost", async () => {
    account.faults.loseReplies("ecs:RunTask", 4);
    const state = await slowSquares.run({ parameters: { n: 40 }, executor: on() });
    expect(state.result).toBe(sumOfSquares(40));
    expect(state.report?.workers).toBe(2);
  });

  it("loses no result when Spot takes its workers back", async () => {
    const { events, onEvent } = listener("chunk-committed", () => account.faults.interruptSpot());
    const executor = on({ capacityProvider: "FARGATE_SPOT", leaseMs: 10_000 });
    const state = await slowSquares.run({ parameters: { n: 60 }, executor, onEvent });
    expect(state.result).toBe(sumOfSquares(60));
    expect(events.filter(({ kind }) => kind === "worker-joined").length).toBeGreaterThan(2);
  }, 60_000);

  it("bears throttling of every operation that ECS has for it", async () => {
    for (const operation of ["RunTask", "DescribeTasks", "StopTask", "ListTasks", "DescribeTaskDefinition"]) {
      account.faults.refuse(`ecs:${operation}`, { kind: "throttled" }, 2);
    }
    const state = await slowSquares.run({ parameters: { n: 40 }, executor: on() });
    expect(state.result).toBe(sumOfSquares(40));
  });
});
