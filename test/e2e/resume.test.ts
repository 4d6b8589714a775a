/** Runs that go on with another driver: from what they have committed, and from nothing else. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ListTasksCommand } from "@aws-sdk/client-ecs";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { createProcessLauncher } from "../../src/embedded/process-launcher.ts";
import {
  type ClusterRun,
  FargateCluster,
  FargateExecutor,
  type FargateExecutorOptions,
  LocalExecutor,
} from "../../src/index.ts";
import { CallIndices } from "../../src/wire/call-ranges.ts";
import { hullOfPackKey } from "../../src/wire/keys.ts";
import { readLines, readTrailer } from "../../src/wire/pack.ts";
import { until } from "../embedded/until.ts";
import { type Account, bucket, ecsCluster, openAccount } from "../preflight/account.ts";
import { openSharedLab } from "./shared-lab.ts";
import { failing, resumable } from "./flows/resumable.ts";
import { zipWithFailures } from "./flows/gaps.ts";
import { other } from "./flows/resumable-other.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const launcher = createProcessLauncher({ workerFile: join(root, "dist/worker.mjs") });
/** The cloud's clock: a driver's silence need not be waited for. */
let aheadMs: number;
const clock: Clock = {
  now: () => systemClock.now() + aheadMs,
  sleep: async (ms, signal) => await systemClock.sleep(ms, signal),
};
let account: Account;
let scratch: string;
let journal: string;
let drivers: ChildProcess[];

beforeEach(async () => {
  aheadMs = 0;
  drivers = [];
  account = await openAccount({ launcher, clock, quotas: { "fargate/L-3032A538": 64, "fargate/L-36FBB829": 64 } });
  scratch = mkdtempSync(join(tmpdir(), "cloudburst-resume-"));
  journal = join(scratch, "journal");
  writeFileSync(journal, "");
  // How long workers took to start in other runs decides what a budget pays for.
  process.env["XDG_CACHE_HOME"] = join(scratch, "cache");
});

afterEach(async () => {
  for (const driver of drivers) driver.kill("SIGKILL");
  await account[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true });
});

type OnCluster = Extract<FargateExecutorOptions, { clusterClass: "FargateCluster" | typeof FargateCluster }>;

function options(more: Pick<OnCluster, "adaptKwargs"> = {}): OnCluster {
  const { endpoint, region, credentials } = account.cloud;
  const clusterKwargs = { endpoint, region, credentials, watchMs: 1_000, ...(!more.adaptKwargs && { nWorkers: 2 }) };
  return { clusterClass: "FargateCluster", clusterKwargs, ...more };
}

/** Lines that the bodies have left, and how often each. */
function bodies(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(journal, "utf8").split("\n").slice(0, -1)) {
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}

/** Calls that have a result in the store, by slug of their step; those that did not run have none. */
async function committed(runId: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const { s3 } = account.clients;
  const found = new Map<string, number[]>();
  const prefix = `runs/${runId}/out/`;
  const { Contents: contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  for (const { Key: key = "" } of contents) {
    const slug = key.slice(prefix.length).split("/")[0] ?? "";
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await body?.transformToByteArray()) ?? new Uint8Array();
    const trailer = readTrailer(bytes);
    if (trailer === undefined || trailer.split !== undefined) continue;
    const hull = hullOfPackKey(key) ?? { start: 0, end: 1 };
    const calls = new CallIndices(trailer.ranges ?? [hull]);
    const ran = readLines(bytes, trailer).flatMap((line, position) => (line === "~" ? [] : [calls.at(position)]));
    found.set(slug, [...(found.get(slug) ?? []), ...ran]);
  }
  return found;
}

/** Starts a driver in a process of its own, and kills it when so many chunks are committed. */
async function killedAfter(chunks: number, parameters: { n: number; ms: number }): Promise<string> {
  const { driver, lines } = driverOf("resume-driver.ts", { journal, ...parameters });
  await until("the driver has heard of its chunks", () => lines().length > chunks + 1);
  const gone = new Promise((resolve) => driver.once("exit", resolve));
  driver.kill("SIGKILL");
  await gone;
  return lines()[0] ?? "";
}

function driverOf(file: string, parameters: object, ...more: readonly string[]) {
  const command = ["--import", import.meta.resolve("tsx"), join(root, "test/e2e/flows", file)];
  const given = [JSON.stringify(options()), JSON.stringify(parameters), ...more];
  const driver = spawn(process.execPath, [...command, ...given], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  drivers.push(driver);
  let said = "";
  driver.stdout.on("data", (data) => (said += String(data)));
  return { driver, lines: (): string[] => said.split("\n") };
}

const expected = (n: number) => {
  const sum = Array.from({ length: n }, (_, index) => (index * index) / 2).reduce((a, b) => a + b, 0);
  return { sum, dates: 1 };
};

async function leftovers() {
  const { sqs, ecs, s3 } = account.clients;
  const { QueueUrls: queues = [] } = await sqs.send(new ListQueuesCommand());
  const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ cluster: ecsCluster }));
  const { Contents: contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/" }));
  const objects = contents.flatMap(({ Key: key = "" }) => (key.endsWith("/lease.json") ? [] : [key]));
  return { queues, tasks, objects };
}

async function resume(runId: string, more: Pick<OnCluster, "adaptKwargs"> = {}) {
  return await resumable.run({ resume: runId, executor: new FargateExecutor(options(more)) });
}

describe("a run whose driver was killed", () => {
  it("gives what it would have given, and makes no call again that was committed", async () => {
    const n = 60;
    const runId = await killedAfter(12, { n, ms: 60 });
    aheadMs += 600_000;
    const state = await resume(runId);
    expect(state.runId).toBe(runId);
    expect(state.result).toEqual(expected(n));
    expect(await leftovers()).toEqual({ queues: [], tasks: [], objects: [] });
  }, 60_000);

  it("is found to the last call that its workers have committed", async () => {
    const n = 60;
    const runId = await killedAfter(12, { n, ms: 60 });
    // The workers of the driver that is gone finish what is in its queue: from then on nothing runs but what is resumed.
    let before = -1;
    await until("nothing is run any more", async () => {
      const now = [...bodies().values()].reduce((sum, count) => sum + count, 0);
      const rests = now === before;
      before = now;
      if (!rests) await systemClock.sleep(500);
      return rests;
    });
    const done = await committed(runId);
    const ran = bodies();
    aheadMs += 600_000;
    const state = await resume(runId);
    expect(state.result).toEqual(expected(n));
    const again = bodies();
    const squares = done.get("square-1") ?? [];
    expect(squares.length).toBeGreaterThan(10);
    expect(squares.length).toBeLessThan(n);
    for (const index of squares) expect([index, again.get(`square ${index}`)]).toEqual([index, 1]);
    for (const index of done.get("halve-1") ?? []) expect([index, again.get(`halve ${index} 1`)]).toEqual([index, 1]);
    for (const [slug, calls] of done) {
      if (slug !== "halve-1~1") continue;
      for (const index of calls) expect([index, again.get(`halve ${index} 2`)]).toEqual([index, 1]);
    }
    // Nothing was in hand, so that each body has run once.
    expect(Math.max(...again.values())).toBe(1);
    expect(again.get("seed")).toBe(1);
    expect(state.report?.foundCalls).toBeGreaterThan(ran.size / 4);
  }, 60_000);

  it("can be resumed by one driver after the other", async () => {
    const n = 80;
    const runId = await killedAfter(6, { n, ms: 60 });
    for (const chunks of [4, 8]) {
      aheadMs += 600_000;
      const stopping = new AbortController();
      let heard = 0;
      const state = await resumable.run({
        resume: runId,
        executor: new FargateExecutor(options()),
        signal: stopping.signal,
        onEvent: (event) => {
          if (event.type === "executor" && event.event.kind === "chunk-committed" && ++heard === chunks)
            stopping.abort();
        },
      });
      expect(state.kind).toBe("Cancelled");
    }
    expect((await resume(runId)).result).toEqual(expected(n));
    expect(await leftovers()).toEqual({ queues: [], tasks: [], objects: [] });
  }, 60_000);

  it("is refused while its lease may still be renewed, and nothing is touched", async () => {
    const runId = await killedAfter(3, { n: 40, ms: 60 });
    aheadMs += 60_000;
    const before = await leftovers();
    await expect(resume(runId)).rejects.toMatchObject({
      code: "run_alive",
      message: expect.stringMatching(/still being driven, or its driver died less than 300 seconds ago/) as string,
    });
    expect((await leftovers()).queues).toEqual(before.queues);
  }, 60_000);

  it("goes to one of those that would resume it", async () => {
    const runId = await killedAfter(6, { n: 40, ms: 60 });
    aheadMs += 600_000;
    const settled = await Promise.allSettled([resume(runId), resume(runId), resume(runId)]);
    const won = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value.result] : []));
    const lost = settled.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code: string }).code] : []));
    expect(won).toEqual([expected(40)]);
    expect(lost).toEqual(["run_alive", "run_alive"]);
  }, 60_000);
});

describe("a run with calls that failed here and there", () => {
  it("goes on from chunks with gaps", async () => {
    const parameters = { n: 400, every: 7 };
    const { driver, lines } = driverOf("gaps-driver.ts", { journal, ...parameters }, "5");
    await new Promise((resolve) => driver.once("exit", resolve));
    const [runId = ""] = lines();
    aheadMs += 600_000;
    const gapped = (await leftovers()).objects.filter((key) => /-[0-9a-f]{16}\.pack$/u.test(key));
    expect(gapped.length).toBeGreaterThan(1);
    const done = [...(await committed(runId))].filter(([slug]) => !slug.startsWith("range-")); // no lines in the journal
    const state = await zipWithFailures.run({ resume: runId, executor: new FargateExecutor(options()) });
    const local = await zipWithFailures.run({ parameters, executor: new LocalExecutor() });
    expect(state.result).toEqual(local.result);
    const ran = bodies();
    for (const [slug, calls] of done) {
      for (const index of calls) expect([slug, index, ran.get(`${slug} ${String(index)}`)]).toEqual([slug, index, 1]);
    }
    expect(Math.max(...ran.values())).toBeLessThanOrEqual(2); // what was in hand
    const calls = done.reduce((sum, [, { length }]) => sum + length, 0);
    expect(state.report?.foundCalls).toBeGreaterThanOrEqual(calls);
  }, 60_000);
});

describe("a run that ended without success", () => {
  it("for want of money goes on with more of it", async () => {
    // As a FargateCluster, but that a worker is billed by the second from the first one on.
    const workerFacts = {
      kind: "test",
      usdPerHour: undefined,
      minimumBilledMs: 0,
      unbilledStartUpMs: 0,
      startUpMs: 500,
    };
    const cluster = new FargateCluster(options().clusterKwargs);
    const clusterClass = () => async (run: ClusterRun) => ({ ...(await cluster.open(run)), workerFacts });
    const scaling = { maximum: 2, interval: "200ms" } as const;
    const money = (usd: number) => ({ ...scaling, budget: { usd, usdPerWorkerHour: 3_600 } });
    const poor = new FargateExecutor({ clusterClass, adaptKwargs: money(5) });
    const state = await resumable.run({ parameters: { journal, n: 60, ms: 200 }, executor: poor });
    expect(state.error).toMatchObject({ code: "budget_exhausted" });
    const done = await committed(state.runId);
    const resumed = await resume(state.runId, { adaptKwargs: money(900) });
    expect(resumed.result).toEqual(expected(60));
    const ran = bodies();
    const squares = done.get("square-1") ?? [];
    expect(squares.length).toBeGreaterThan(0);
    for (const index of squares) expect([index, ran.get(`square ${String(index)}`)]).toEqual([index, 1]);
  }, 60_000);

  it("since calls failed has them fail again, without making them", async () => {
    const executor = new FargateExecutor(options());
    const state = await failing.run({ parameters: { journal, n: 5, ms: 0 }, executor });
    expect(state.kind).toBe("Failed");
    const resumed = await failing.run({ resume: state.runId, executor });
    expect(resumed.kind).toBe("Failed");
    expect(String(resumed.error)).toBe(String(state.error));
    expect(Math.max(...bodies().values())).toBe(1);
  }, 60_000);

  it("has nothing left to resume once it has", async () => {
    const parameters = { journal, n: 60, ms: 0 };
    const state = await resumable.run({ parameters, executor: new FargateExecutor(options()) });
    expect(state.result).toEqual(expected(60));
    await expect(resume(state.runId)).rejects.toMatchObject({ code: "nothing_to_resume" });
  }, 60_000);
});

describe("a run on a shared cluster", () => {
  it("goes on with the same workers, though they know that it had ended", async () => {
    await using lab = await openSharedLab();
    await lab.startWorkers(2);
    const stopping = new AbortController();
    let heard = 0;
    const state = await resumable.run({
      parameters: { journal, n: 60, ms: 60 },
      executor: lab.executor,
      signal: stopping.signal,
      onEvent: (event) => {
        if (event.type === "executor" && event.event.kind === "chunk-committed" && ++heard === 10) stopping.abort();
      },
    });
    expect(state.kind).toBe("Cancelled");
    const resumed = await resumable.run({ resume: state.runId, executor: lab.executor });
    expect(resumed.result).toEqual(expected(60));
    expect(resumed.report?.foundCalls).toBeGreaterThan(0);
    expect(bodies().get("seed")).toBe(1);
    expect(await lab.queueNames()).toEqual(["Cloudburst-shared-tasks"]);
  }, 60_000);
});

describe("cloudburst resume", () => {
  it("finds flow and cluster in the record of this machine", async () => {
    const { endpoint, region, credentials } = account.cloud;
    const env = {
      ...process.env,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      CLOUDBURST__RECORDS__KEEP: "5",
      CLOUDBURST__RECORDS__DIRECTORY: join(scratch, "records"),
      NO_COLOR: "1",
    };
    const cloudburst = (...args: string[]): ChildProcess => {
      const command = ["--import", import.meta.resolve("tsx"), join(root, "src/cli/main.ts"), ...args];
      const child = spawn(process.execPath, command, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
      drivers.push(child);
      return child;
    };
    const given = [`journal=${journal}`, "n=40", "ms=60"].flatMap((one) => ["-p", one]);
    const cluster = ["--cluster", "FargateCluster", "-k", `endpoint=${endpoint}`, "-k", `region=${region}`];
    const first = cloudburst(
      "run",
      "test/e2e/flows/resumable.ts",
      "--flow",
      "resumable",
      ...given,
      ...cluster,
      "--workers",
      "2",
    );
    await until("some calls are made", () => bodies().size > 10);
    const gone = new Promise((resolve) => first.once("exit", resolve));
    first.kill("SIGKILL");
    await gone;
    aheadMs += 600_000;
    const [record = ""] = readdirSync(join(scratch, "records"));
    const runId = record.replace(".jsonl", "");
    const second = cloudburst("resume", runId, "--flow", "resumable", "--budget", "1000");
    let said = "";
    for (const stream of [second.stdout, second.stderr]) stream?.on("data", (data) => (said += String(data)));
    const code = await new Promise((resolve) => second.once("exit", resolve));
    expect(said).toContain(`sum: ${String(expected(40).sum)}`);
    expect(code).toBe(0);
    expect(readdirSync(join(scratch, "records")).sort()).toEqual([`${runId}-2.jsonl`, `${runId}.jsonl`]);
  }, 60_000);
});

describe("resuming is refused", () => {
  const unknown = "01kajz8m3v7qj2m9d4h6n8p0r1";

  it("of a run that is not there, before anything is made", async () => {
    await expect(resume(unknown)).rejects.toMatchObject({ code: "no_such_run" });
    expect(await leftovers()).toEqual({ queues: [], tasks: [], objects: [] });
  });

  it("of what is no run's id", async () => {
    await expect(resume("last")).rejects.toThrow(/resume must be the id of a run/);
  });

  it("on executors whose results end with their process", async () => {
    await expect(resumable.run({ resume: unknown, executor: new LocalExecutor() })).rejects.toThrow(
      /cannot be resumed/,
    );
    await expect(resumable.run({ resume: unknown, executor: new FargateExecutor() })).rejects.toThrow(
      /a LocalCluster ends with its driver/,
    );
  });

  it("of another flow, with other parameters, and with a context", async () => {
    const executor = new FargateExecutor(options());
    const parameters = { journal, n: 3, ms: 0 };
    const { runId } = await failing.run({ parameters, executor });
    const again = { resume: runId, executor };
    await expect(resumable.run(again)).rejects.toThrow(/is one of flow "failing", not of "resumable"/);
    await expect(failing.run({ ...again, parameters: { ...parameters, n: 4 } })).rejects.toThrow(
      /parameter n of run .* is 3, got 4/,
    );
    await expect(failing.run({ ...again, context: { a: 1 } })).rejects.toThrow(/`context` must not be given/);
    expect((await failing.run({ ...again, parameters })).kind).toBe("Failed");
  }, 60_000);

  it("of a flow whose tasks have changed, with what has", async () => {
    const runId = await killedAfter(2, { n: 20, ms: 60 });
    aheadMs += 600_000;
    const resuming = other.run({ resume: runId, executor: new FargateExecutor(options()) });
    await expect(resuming).rejects.toThrow(/square-1 is gone; halve-1 is gone/);
  }, 60_000);
});
