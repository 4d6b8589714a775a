import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import type { ExecutorEvent } from "../../src/executors/executor.ts";
import type { LogLine } from "../../src/base/log-line.ts";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import { context, flow, task } from "../../src/index.ts";
import { ChunkBins } from "../../src/observe/chunk-bins.ts";
import { recordPlace } from "../../src/observe/record-directory.ts";
import { recordRuns } from "../../src/observe/record-runs.ts";
import { RecordFile } from "../../src/observe/record-file.ts";
import { readRecord, recordedRuns } from "../../src/observe/record-library.ts";
import { RunRecorder } from "../../src/observe/run-recorder.ts";
import type { RecordLine } from "../../src/observe/run-record.ts";
import { formatDecisionAt, formatDecisions, timeInRun } from "../../src/observe/why-text.ts";
import { whatIf } from "../../src/simulate/what-if.ts";
import { testDeps } from "../engine/support/test-graph.ts";
import { someFleet } from "../simulate/some-fleet.ts";

const inc = task("inc", (x: number) => x + 1);
const total = task("total", (xs: readonly number[]) => xs.length);
const example = flow("example", () => total(inc.map([1, 2, 3])));

const begun = Date.parse("2026-11-21T12:00:00Z");
const profile = {
  place: "fargate",
  fleet: { ...someFleet, maximum: 20, assumed: ["workers are ARM64"] },
} as const;
const report = {
  cluster: "stack",
  workers: 2,
  slots: 2,
  chunks: 101,
  duplicates: 0,
  busyMs: 205_000,
  chunkMs: 12.5,
  requests: { sqs: { ReceiveMessage: 40 }, s3: { PutObject: 61 } },
  workerMs: [150_000, 150_000],
  launches: 1,
  limitedBy: "work: more workers would not have paid (90 % of the time)",
};

let directory: string;
let warnings: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cloudburst-records-"));
  warnings = [];
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const warn = (message: string): void => void warnings.push(message);

it("a run that is recorded prints its lines, where nobody observes it", async () => {
  const printed: string[] = [];
  const print = ({ line }: LogLine): void => void printed.push(line);
  const place = { directory, keep: 3 };
  const run = recordRuns(createFlowRunner({ ...testDeps, print }), {
    clock: systemClock,
    place: () => Promise.resolve(place),
    warn,
  });
  const speak = task("speak", () => context.logger.info("hello"));
  const speaking = flow("speaking", () => speak());
  await run(speaking, {});
  await run(speaking, { onEvent: () => undefined });
  expect(printed).toEqual(["hello"]);
});

it("a configuration that cannot be read is told once, by the run", async () => {
  const broken = (): Promise<never> => Promise.reject(new Error("there is no setting CLOUDBURST__TYPO"));
  const run = recordRuns(broken, { clock: systemClock, place: broken, warn });
  await expect(run(example, {})).rejects.toThrow("there is no setting CLOUDBURST__TYPO");
  expect(warnings).toEqual([]);
});

/** A run of 100 calls of two seconds and one of five, on two workers that took 40 s to start. */
async function record(runId: string, keep = 100): Promise<void> {
  const file = new RecordFile({ directory, keep }, runId, warn);
  const started = { type: "run-started", runId, flowName: "example", executor: "FargateExecutor", profile } as const;
  const recorder = new RunRecorder(started, example, begun, (line) => file.add(line));
  const tell = (event: ExecutorEvent, at: number) => recorder.handle({ type: "executor", event }, begun + at);
  tell({ kind: "cluster-started", description: "stack", workers: 0, slots: 0 }, 500);
  const decided = {
    kind: "scaling-decided",
    workers: 0,
    winner: "worth",
    sentence: "2 workers (0 there or starting): because",
  } as const;
  tell(
    {
      ...decided,
      at: begun + 1_000,
      target: 2,
      pending: 0,
      bounds: [
        { name: "worth", value: 2 },
        { name: "maximum", value: 20 },
      ],
    },
    1_000,
  );
  recorder.handle({ type: "calls-planned", slug: "inc-1", calls: 100 }, begun + 1_000);
  for (const workerId of ["a", "b"]) tell({ kind: "worker-joined", workerId, workers: 1, startupMs: 40_000 }, 41_000);
  for (let i = 1; i <= 100; i += 1) {
    tell({ kind: "chunk-committed", slugs: ["inc-1"], calls: 1, busyMs: 2_000, workerId: "a" }, 41_000 + 1_000 * i);
  }
  tell(
    {
      ...decided,
      at: begun + 141_000,
      target: 1,
      workers: 2,
      pending: 0,
      winner: "calls",
      bounds: [],
      sentence: "1 worker",
    },
    141_000,
  );
  tell({ kind: "worker-left", workerId: "b", reason: "surplus" }, 142_000);
  tell({ kind: "chunk-committed", slugs: ["total-1"], calls: 1, busyMs: 5_000, workerId: "a" }, 147_000);
  recorder.handle(
    { type: "run-finished", kind: "Success", message: "done", elapsedMs: 150_000, report },
    begun + 150_000,
  );
  await file.close();
}

describe("a record", () => {
  it("comes back as it was told", async () => {
    await record("run1");
    const back = await readRecord(directory, "last");
    expect(back.header).toMatchObject({ version: 1, runId: "run1", flow: "example", startedAt: begun, profile });
    expect(back.header.tasks).toEqual([
      { slug: "inc-1", name: "inc", mapped: true, after: [] },
      { slug: "total-1", name: "total", mapped: false, after: ["inc-1"] },
    ]);
    expect(back.calls).toEqual(new Map([["inc-1", 100]]));
    expect(back.decisions.map(({ at, winner }) => [at, winner])).toEqual([
      [1_000, "worth"],
      [141_000, "calls"],
    ]);
    expect(back.workers.map(({ what, id }) => [what, id])).toEqual([
      ["joined", "a"],
      ["joined", "b"],
      ["left", "b"],
    ]);
    const calls = back.chunks.flatMap(({ bins }) => bins).reduce((sum, [, , count]) => sum + count, 0);
    expect(calls).toBe(101);
    expect(back.end).toMatchObject({
      kind: "Success",
      at: 150_000,
      report: { launches: 1, limitedBy: report.limitedBy },
    });
    expect(back.end?.cost?.prices).toBe("list prices in us-east-1 on 2026-08-16, without free tier");
    expect(back.end?.cost?.items.map(({ service }) => service)).toEqual(["Fargate", "IPv4", "SQS", "S3"]);
    expect(warnings).toEqual([]);
  });

  it("is nobody else's to read", async () => {
    await record("run1");
    expect((await stat(join(directory, "run1.jsonl"))).mode & 0o077).toBe(0);
  });

  it("makes room: the latest are kept, the oldest go", async () => {
    for (const id of ["run1", "run2", "run3"]) await record(id, 2);
    expect(await recordedRuns(directory)).toEqual(["run2", "run3"]);
  });

  it("that cannot be written is told once, and is no error", async () => {
    await writeFile(join(directory, "file"), "");
    directory = join(directory, "file");
    await record("run1");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^the run is not recorded in .*file: /);
    directory = join(directory, "..");
  });

  it("whose driver died has no end, and its last line may be half written", async () => {
    await record("run1");
    const file = join(directory, "run1.jsonl");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.slice(0, -40));
    const back = await readRecord(directory, "run1");
    expect([back.end, back.decisions.length]).toEqual([undefined, 2]);
    expect(formatDecisions(back)).toContain("the record has no end: the run goes on, or its driver died");
  });

  it("that is corrupt, of another version, or not there is refused by name", async () => {
    await expect(readRecord(directory, "last")).rejects.toThrow(`no runs are recorded in ${directory}`);
    await record("run1");
    await expect(readRecord(directory, "run2")).rejects.toThrow('there is no run "run2"');
    const file = join(directory, "run1.jsonl");
    const text = await readFile(file, "utf8");
    const broken: readonly (readonly [string, string])[] = [
      [text.replace('"cluster"', '"clutter"'), "run1.jsonl:2 is not a run record"],
      [text.replace("\n", "\n{nonsense\n"), "run1.jsonl:2 is not a run record that can be read: the line is no JSON"],
      [text.replace('"version":1', '"version":2'), "it has version 2, and this program reads 1"],
      [text.slice(text.indexOf("\n") + 1), "it does not begin with a run"],
      ["", "it does not begin with a run"],
    ];
    for (const [content, message] of broken) {
      await writeFile(file, content);
      await expect(readRecord(directory, "run1")).rejects.toThrow(message);
    }
  });

  it("is found by the beginning of its id, where only one has it", async () => {
    for (const id of ["01aa", "01ab"]) await record(id);
    expect((await readRecord(directory, "01ab")).header.runId).toBe("01ab");
    await expect(readRecord(directory, "01a")).rejects.toThrow("2 runs begin with 01a: 01aa, 01ab");
  });

  it("stands in the user's state directory unless configured, and is not kept at 0", async () => {
    const settings = (records: { directory?: string; keep: number }) => ({
      records: { directory: undefined, ...records },
    });
    const state = { XDG_STATE_HOME: "/state", HOME: "/home/me" };
    expect(recordPlace(settings({ keep: 5 }), state)).toEqual({ directory: "/state/cloudburst/runs", keep: 5 });
    expect(recordPlace(settings({ keep: 5 }), { HOME: "/home/me" })?.directory).toBe(
      "/home/me/.local/state/cloudburst/runs",
    );
    expect(recordPlace(settings({ keep: 5, directory: "/r" }), state)?.directory).toBe("/r");
    expect(recordPlace(settings({ keep: 0 }), state)).toBeUndefined();
    await mkdir(join(directory, "sub"));
    expect(await recordedRuns(join(directory, "nowhere"))).toEqual([]);
    expect(await readdir(directory)).toEqual(["sub"]);
  });
});

describe("why", () => {
  it("has a table of the decisions, their sentences, and what limited the run", async () => {
    await record("run1");
    const text = formatDecisions(await readRecord(directory, "last"));
    expect(text).toContain("   after  target  there  starting  decided by");
    expect(text).toContain("1.0 s: 2 workers (0 there or starting): because");
    expect(text).toContain("limited by work: more workers would not have paid");
  });

  it("tells the decision that held at a time, relative or absolute, with its bounds", async () => {
    await record("run1");
    const back = await readRecord(directory, "last");
    for (const time of ["90s", "+90s", "2026-11-21T12:01:30Z"]) expect(timeInRun(time, back)).toBe(90_000);
    expect(formatDecisionAt(back, 90_000)).toMatch(/^1\.0 s after the start: 2 workers[^]*worth +2 +◄\nmaximum +20$/);
    expect(() => formatDecisionAt(back, 10)).toThrow("nothing had been decided 10 ms after the run's start");
    expect(() => timeInRun("noon", back)).toThrow('got "noon"');
    expect(() => timeInRun("2026-11-21T13:00:00Z", back)).toThrow("the run was not going on at 2026-11-21T13:00:00Z");
  });
});

describe("what-if", () => {
  it("stands beside the record and the simulation of it", async () => {
    await record("run1");
    const back = await readRecord(directory, "last");
    const [recorded, asItWas, otherwise] = whatIf(back, { minimum: 10, maximum: 10 });
    expect(recorded).toMatchObject({ what: "recorded", makespanMs: 146_000, workers: 2 });
    expect(asItWas?.what).toBe("simulated as it was");
    // 200 s of work on ten workers after 40 s, then five more seconds.
    expect(otherwise?.makespanMs).toBeGreaterThan(60_000);
    expect(otherwise?.makespanMs).toBeLessThan(80_000);
    expect(otherwise?.workers).toBe(10);
    expect(whatIf(back, {})).toHaveLength(2);
  });

  it("lets each chunk take what the run has measured besides its calls", async () => {
    await record("run1");
    const back = await readRecord(directory, "last");
    const makespanMs = (chunkMs: number) => {
      const end = back.end?.report && { ...back.end, report: { ...back.end.report, chunkMs } };
      return whatIf({ ...back, end }, {})[1]?.makespanMs ?? Number.NaN;
    };
    expect(makespanMs(1_000)).toBeGreaterThan(makespanMs(30) + 3_000);
    expect(back.end?.report?.chunkMs).toBe(12.5);
  });

  it("is cheaper on Spot, and nothing else", async () => {
    await record("run1");
    const [, asItWas, otherwise] = whatIf(await readRecord(directory, "last"), { spot: true });
    expect(otherwise?.usd).toBeLessThan(asItWas?.usd ?? 0);
  });

  it("refuses what contradicts itself, and what cannot be replayed", async () => {
    await record("run1");
    const back = await readRecord(directory, "last");
    expect(() => whatIf(back, { minimum: 30 })).toThrow("the minimum of 30 workers is above the maximum of 20");
    expect(() => whatIf({ ...back, chunks: [] }, {})).toThrow("there is nothing to replay");
    const header = { ...back.header, profile: { place: "shared" as const } };
    expect(() => whatIf({ ...back, header }, {})).toThrow("had no workers of its own (shared)");
  });
});

it("a million chunks take no more room than their durations differ, and no call is lost", () => {
  const bins = new ChunkBins();
  for (let i = 0; i < 100_000; i += 1) bins.add(["inc-1"], 10, 100 + (i % 100));
  const [group, ...others] = bins.take();
  expect(others).toEqual([]);
  expect(group?.bins.length).toBeLessThan(12);
  expect(group?.bins.reduce((sum, [, , calls]) => sum + calls, 0)).toBe(1_000_000);
  expect(bins.take()).toEqual([] satisfies RecordLine[]);
});
