/** An existing local cluster as users have it: scheduler, workers and drivers are processes of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { until } from "../embedded/until.ts";
import { type LongLived, startCommand } from "../cli/long-lived.ts";
import { firstNames, naps } from "./flows/shared-first.ts";

const fixture = (name: string): string => new URL(`../fixtures/tls/${name}.pem`, import.meta.url).pathname;
const flows = "test/e2e/flows/shared-first.ts";

let home: string;
let started: LongLived[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cloudburst-state-"));
  vi.stubEnv("XDG_STATE_HOME", home);
  started = [];
});
afterEach(async () => {
  for (const each of started.reverse()) await each[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): LongLived {
  const process = startCommand(args, env);
  started.push(process);
  return process;
}

async function startScheduler(...flags: readonly string[]): Promise<LongLived & { readonly address: string }> {
  const process = start(["scheduler", "--port", "0", ...flags]);
  const [, address = ""] = await process.hear(/^Scheduler at: (\S+)$/m);
  return Object.assign(process, { address });
}

async function startWorker(address: string, ...flags: readonly string[]): Promise<LongLived> {
  const worker = start(["worker", address, ...flags]);
  await worker.hear(/has joined/);
  return worker;
}

/** A driver that prints who ran its calls. */
const startRun = (address: string, n: number, ms: number): LongLived =>
  start(["run", flows, "--flow", "naps", "-p", `n=${String(n)}`, "-p", `ms=${String(ms)}`, "--address", address]);
const workersOf = (run: LongLived): ReadonlySet<string> =>
  new Set([...run.said.matchAll(/worker: (\d+)/g)].map(([, pid = ""]) => pid));

describe("a scheduler", () => {
  it("serves flows of several processes at once, with its own worker and one that has joined", async () => {
    const { address } = await startScheduler("--n-workers", "1", "--threads-per-worker", "1");
    await startWorker(address, "--threads", "1");
    const runs = [startRun(address, 40, 50), startRun(address.replace("http", "tcp"), 40, 50)];
    expect(await Promise.all(runs.map(({ exited }) => exited))).toEqual([0, 0]);
    for (const run of runs) expect(run.said.match(/endedAt/g)).toHaveLength(40);
    const workers = runs.map(workersOf);
    expect(new Set(workers.flatMap((pids) => [...pids])).size).toBe(2);
  }, 90_000);

  it("gives a killed worker's chunks to another one, and no result is lost", async () => {
    const { address } = await startScheduler("--n-workers", "0");
    const doomed = await startWorker(address, "--threads", "1");
    const events: string[] = [];
    const running = naps.run({
      parameters: { n: 20, ms: 300 },
      executor: new FargateExecutor({ address }),
      onEvent: (event) => {
        if (event.type === "executor") events.push(event.event.kind);
      },
    });
    await until("the doomed one has worked", () => events.filter((kind) => kind === "chunk-committed").length > 2);
    await doomed.end("SIGKILL");
    await startWorker(address, "--threads", "2", "--name", "heir");
    const { kind, result, report } = await running;
    expect(kind).toBe("Success");
    expect(result).toHaveLength(20);
    expect(new Set(result.map(({ worker }) => worker)).size).toBe(2);
    expect(report?.workers).toBe(2);
  }, 90_000);

  it("drains its workers when it is told to end, and drivers and workers learn of it", async () => {
    const scheduler = await startScheduler("--n-workers", "1", "--threads-per-worker", "1");
    const worker = await startWorker(scheduler.address, "--threads", "1");
    const run = startRun(scheduler.address, 4_000, 50);
    await run.hear(/shared workers/);
    expect(await scheduler.end("SIGTERM")).toBe(0);
    expect(await run.exited).toBe(1);
    expect(run.said).toMatch(/the scheduler at http:\/\/127\.0\.0\.1:\d+ has ended, or cannot be reached any more/);
    expect(await worker.exited).toBe(0);
    expect(worker.said).toMatch(/the scheduler at \S+ has ended/);
  }, 90_000);

  it("is found by the variables that Prefect's users have set", async () => {
    const { address } = await startScheduler("--n-workers", "1");
    vi.stubEnv("PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS", "prefect.engine.executors.DaskExecutor");
    vi.stubEnv("PREFECT__ENGINE__EXECUTOR__DASK__ADDRESS", address.replace("http", "tcp"));
    const { kind, report } = await firstNames.run({ parameters: { n: 3 } });
    expect(kind).toBe("Success");
    expect(report?.cluster).toBe(`the scheduler at ${address}`);
  }, 60_000);
});

describe("a worker that has joined", () => {
  it("finishes what it has in hand when it is interrupted", async () => {
    const { address } = await startScheduler("--n-workers", "0");
    const leaving = await startWorker(address, "--threads", "1", "--name", "leaving");
    const running = naps.run({ parameters: { n: 12, ms: 300 }, executor: new FargateExecutor({ address }) });
    await startWorker(address, "--threads", "1");
    expect(await leaving.end("SIGINT")).toBe(0);
    const { result, report } = await running;
    expect(result).toHaveLength(12);
    expect(report?.duplicates).toBe(0);
  }, 90_000);
});

describe("a scheduler with TLS and a token", () => {
  const token = "correct-horse-battery-staple";

  it("lets in drivers and workers that have both", async () => {
    const tls = ["--tls-cert", fixture("certificate"), "--tls-key", fixture("key")];
    const scheduler = await startScheduler("--host", "0.0.0.0", "--token", token, "--n-workers", "0", ...tls);
    const address = `https://localhost:${new URL(scheduler.address).port}`;
    vi.stubEnv("XDG_STATE_HOME", join(home, "of-another-machine"));
    const security = { ca: fixture("authority"), token };
    const stranger = start(["worker", address, "--tls-ca", security.ca, "--token", "another-long-token"]);
    expect(await stranger.exited).toBe(1);
    expect(stranger.said).toMatch(/^cloudburst: the scheduler at \S+ does not accept the token/m);
    const worker = await startWorker(address, "--threads", "1", "--tls-ca", security.ca, "--token", token);
    const { result } = await firstNames.run({
      parameters: { n: 5 },
      executor: new FargateExecutor({ address, security }),
    });
    expect(result).toHaveLength(5);
    for (const { said } of [scheduler, worker, stranger]) expect(said).not.toContain(token);
  }, 90_000);
});
