/** What a killed driver leaves, and that cleaning it up touches nothing of a run that may be alive. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ListTasksCommand } from "@aws-sdk/client-ecs";
import { CreateQueueCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanup } from "../../src/cli/cleanup-command.ts";
import { createRunQueues } from "../../src/cluster/run-queues.ts";
import { createS3Store } from "../../src/store/s3-store.ts";
import { runLeaseKey } from "../../src/wire/keys.ts";
import { FakeLauncher } from "../embedded/fake-launcher.ts";
import { MovedClock } from "../embedded/moved-clock.ts";
import { until } from "../embedded/until.ts";
import { type Account, bucket, ecsCluster, openAccount } from "../preflight/account.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const hour = 3_600_000;

let clock: MovedClock;
let launcher: FakeLauncher;
let account: Account;
let drivers: ChildProcess[];

beforeEach(async () => {
  clock = new MovedClock();
  launcher = new FakeLauncher();
  account = await openAccount({ launcher, clock });
  drivers = [];
});
afterEach(async () => {
  for (const driver of drivers) driver.kill("SIGKILL");
  await account[Symbol.asyncDispose]();
});

async function clean(options: { readonly olderThan?: string; readonly dryRun?: boolean } = {}): Promise<string[]> {
  const said: string[] = [];
  const { aws, signal } = account.context();
  await cleanup("Cloudburst", { olderThan: "1d", ...options }, { aws, signal, say: (line) => said.push(line) });
  return said;
}

async function queueNames(): Promise<readonly string[]> {
  const { QueueUrls: urls = [] } = await account.clients.sqs.send(new ListQueuesCommand());
  return urls.map((url) => url.slice(url.lastIndexOf("/") + 1));
}

async function workers(): Promise<number> {
  const { taskArns = [] } = await account.clients.ecs.send(new ListTasksCommand({ cluster: ecsCluster }));
  return taskArns.length;
}

/** Queues of a run, as its driver makes them, and its lease if it has come so far. */
async function begin(runId: string, { lease = true, of = bucket } = {}): Promise<void> {
  await createRunQueues(account.clients.sqs, { runId, driver: 1, leaseMs: 10_000, bucket: of, tags: {} });
  if (lease) await renew(runId);
}

async function renew(runId: string): Promise<void> {
  await createS3Store(account.clients.s3, bucket).put(runLeaseKey(runId), Buffer.from("{}"));
}

async function leases(): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of createS3Store(account.clients.s3, bucket).list("")) keys.push(key);
  return keys.filter((key) => key.endsWith("/lease.json"));
}

/** A driver in a process of its own, whose two workers never say hello. */
async function startDriver(): Promise<ChildProcess> {
  const { endpoint, region, credentials } = account.cloud;
  const kwargs = JSON.stringify({ endpoint, region, credentials, nWorkers: 2 });
  const args = ["--import", import.meta.resolve("tsx"), join(root, "test/e2e/flows/fargate-driver.ts"), kwargs, "50"];
  const before = launcher.containers.length;
  const driver = spawn(process.execPath, args, { cwd: root, stdio: "ignore" });
  drivers.push(driver);
  await until("its workers run", () => launcher.containers.length === before + 2);
  await until("it holds its lease", async () => (await leases()).length > 0);
  return driver;
}

describe("cloudburst cleanup", () => {
  it("removes the queues of a driver that was killed, and stops its workers, after a day and not before", async () => {
    const driver = await startDriver();
    driver.kill("SIGKILL");
    await once(driver, "exit");
    const left = await queueNames();
    expect(left).toHaveLength(2);
    clock.move(23 * hour);
    expect(await clean()).toEqual([
      "nothing is left of runs that nobody has renewed for 1d",
      "left alone: 2 queues of runs that are alive, or were a while ago",
    ]);
    clock.move(2 * hour);
    const wouldRemove = await clean({ dryRun: true });
    expect(wouldRemove[0]).toBe("would remove 2 queues and 2 workers of 1 run that nobody has renewed for 1d");
    expect(wouldRemove.slice(1, 3)).toEqual(left.map((name) => `  ${name}`));
    expect([await queueNames(), await workers()]).toEqual([left, 2]);
    expect((await clean())[0]).toBe("removed 2 queues and 2 workers of 1 run that nobody has renewed for 1d");
    expect([await queueNames(), await workers()]).toEqual([[], 0]);
    expect(launcher.containers.every(({ signals }) => signals.includes("SIGTERM"))).toBe(true);
    expect(await clean()).toEqual(["nothing is left of runs that nobody has renewed for 1d"]);
  }, 60_000);

  it("knows the queues of every driver that a run has had", async () => {
    await begin("resumed");
    await createRunQueues(account.clients.sqs, { runId: "resumed", driver: 2, leaseMs: 10_000, bucket, tags: {} });
    clock.move(25 * hour);
    expect((await clean())[0]).toBe("removed 4 queues and 0 workers of 1 run that nobody has renewed for 1d");
    expect(await queueNames()).toEqual([]);
  });

  it("leaves a run alone whose driver has renewed its lease, however old its queues are", async () => {
    await begin("alive");
    await begin("killed");
    clock.move(100 * hour);
    await renew("alive");
    await clean();
    expect(await queueNames()).toEqual(["cloudburst-alive-notices", "cloudburst-alive-tasks"]);
  });

  it("leaves a run alone that has made its queues and not come to its lease yet", async () => {
    await begin("starting", { lease: false });
    expect(await clean()).toContain("left alone: 2 queues of runs that are alive, or were a while ago");
    expect(await queueNames()).toHaveLength(2);
  });

  it("knows a run whose lease is gone as well by the tag of its queues, and names what may be another stack's", async () => {
    await begin("ours", { lease: false });
    await begin("theirs", { lease: false, of: "another-bucket" });
    await account.clients.sqs.send(new CreateQueueCommand({ QueueName: "cloudburst-untagged-tasks" }));
    await account.clients.sqs.send(new CreateQueueCommand({ QueueName: "cloudburst-of-somebody-else" }));
    clock.move(25 * hour);
    const said = await clean();
    expect(said[0]).toBe("removed 2 queues and 0 workers of 1 run that nobody has renewed for 1d");
    expect(said.at(-1)).toBe(
      "left alone, since they may be another stack's: cloudburst-theirs-notices, cloudburst-theirs-tasks, cloudburst-untagged-tasks",
    );
    expect(await queueNames()).toHaveLength(4);
  });

  it("leaves no object behind, and asks S3's clock instead of this machine's", async () => {
    await begin("killed");
    clock.move(-1_000 * hour); // the cloud's clock is far behind: to this machine every lease were old
    await renew("killed");
    await clean();
    expect(await queueNames()).toHaveLength(2);
    const keys: string[] = [];
    for await (const key of createS3Store(account.clients.s3, bucket).list("")) keys.push(key);
    expect(keys).toEqual([runLeaseKey("killed")]);
  });

  it.each(["59m", "0", "yesterday"])("refuses an age of %s: a driver may be silent for a while", async (olderThan) => {
    await expect(clean({ olderThan })).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(/--older-than must be an hour or more/) as string,
    });
  });

  it("tells the permission that is missing, and the policy that has it", async () => {
    account.faults.refuse("sqs:ListQueues", { kind: "access-denied", resource: "arn:x" });
    await expect(clean()).rejects.toThrow(/may not do sqs:ListQueues on arn:x .*CloudburstDriverPolicyArn/);
  });
});
