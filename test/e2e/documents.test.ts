/** What the documents show that users of Prefect 1.x learn from, each sample as it is written here. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Executor,
  FargateExecutor,
  IntervalSchedule,
  LocalCluster,
  LocalExecutor,
  type RunEvent,
} from "../../src/index.ts";
import { type LongLived, startCommand } from "../cli/long-lived.ts";
import { describeOnBoth } from "./both-executors.ts";
import { daskExample, distributed, functional, imperative, myFlow } from "./flows/documents.ts";

let home: string;
let scheduler: LongLived;
let address: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "cloudburst-documents-"));
  vi.stubEnv("XDG_STATE_HOME", home);
  scheduler = startCommand(["scheduler", "--port", "0", "--n-workers", "1", "--threads-per-worker", "2"], {});
  [, address = ""] = await scheduler.hear(/^Scheduler at: (\S+)$/m);
});
afterAll(async () => {
  await scheduler[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

const lines = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === "log" ? [event.line] : []));

describe("parallelism within a flow", () => {
  it("has the same graph in both spellings", () => {
    const shape = ({ tasks, edges }: Pick<typeof functional, "tasks" | "edges">) => [
      tasks.map(({ node, kind }) => [node, kind]),
      edges.map(({ upstream, downstream, key }) => [upstream.node, downstream.node, key]),
    ];
    expect(shape(imperative)).toEqual(shape(functional));
  });

  describeOnBoth({ LocalExecutor, FargateExecutor }, (executor, place) => {
    it.each([
      ["functional", functional],
      ["imperative", imperative],
    ])("has the same result in the %s spelling, and workers' prints come home", async (_, example) => {
      const events: RunEvent[] = [];
      const onEvent = (event: RunEvent) => events.push(event);
      const state = await example.run({ parameters: { stop: 5 }, executor, onEvent });
      expect(state).toMatchObject({ kind: "Success", result: 9 });
      // The test runner takes what is printed in its own process before anybody else.
      if (place === "workers") expect(lines(events)).toEqual(new Array<string>(3).fill("Your number is 3"));
    });
  });

  it("runs on a scheduler that is there already, by Dask's address", async () => {
    const executor = new FargateExecutor({ address: address.replace("http", "tcp") });
    expect((await functional.run({ parameters: { stop: 10 }, executor })).result).toBe(18);
  });
});

describe("scaling out", () => {
  it("by the executor of the run, which makes a local cluster", async () => {
    expect((await daskExample.run({ executor: new FargateExecutor() })).result).toBe(9900);
  });

  it("by an executor of one's own: start, submit, map and wait", async () => {
    const inner = new LocalExecutor();
    const asked: string[] = [];
    const own: Executor = {
      start: async (run) => await inner.start(run),
      submit: async (call) => (asked.push("submit"), await inner.submit(call)),
      map: async (batch, settle) => {
        asked.push("map");
        await inner.map(batch, settle);
      },
      wait: async (values) => await inner.wait(values),
    };
    expect((await daskExample.run({ executor: own })).result).toBe(9900);
    expect(new Set(asked)).toEqual(new Set(["submit", "map"]));
  });
});

describe("distributed execution", () => {
  it("by the executor of the flow", async () => {
    distributed.executor = new FargateExecutor({ clusterKwargs: { nWorkers: 1 } });
    expect(await distributed.run()).toMatchObject({ kind: "Success", report: { workers: 1 } });
  });
});

describe("the Dask executor", () => {
  afterEach(() => {
    for (const name of ["DEFAULT_CLASS", "DASK__ADDRESS"]) vi.stubEnv(`PREFECT__ENGINE__EXECUTOR__${name}`, undefined);
  });

  it("by the environment alone, on a schedule, over and over", async () => {
    vi.stubEnv("PREFECT__ENGINE__EXECUTOR__DEFAULT_CLASS", "prefect.engine.executors.DaskExecutor");
    vi.stubEnv("PREFECT__ENGINE__EXECUTOR__DASK__ADDRESS", address.replace("http", "tcp"));
    const stop = new AbortController();
    const ended: RunEvent[] = [];
    const started: string[] = [];
    daskExample.schedule = new IntervalSchedule({ startDate: new Date(), interval: "100ms" });
    const state = await daskExample.run({
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === "run-started") started.push(event.executor);
        if (event.type === "run-finished" && ended.push(event) === 2) stop.abort();
      },
    });
    daskExample.schedule = undefined;
    expect(state).toMatchObject({ kind: "Success", result: 9900 });
    expect(ended).toMatchObject([{ kind: "Success" }, { kind: "Success" }]);
    expect(started).toEqual(["FargateExecutor", "FargateExecutor"]);
  });

  it("with TLS details by the constructor: files that are not there are named before anything starts", () => {
    const make = () =>
      new FargateExecutor({ address: "https://10.0.0.41:8786", security: { ca: "/no/such/file.pem" } });
    expect(make).toThrow(/\/no\/such\/file\.pem/);
  });
});

describe("using the Dask executor", () => {
  const four = { nWorkers: 2, threadsPerWorker: 2 };

  it.each<[string, () => FargateExecutor]>([
    ["by name", () => new FargateExecutor({ clusterClass: "LocalCluster", clusterKwargs: four })],
    ["as a class", () => new FargateExecutor({ clusterClass: LocalCluster, clusterKwargs: four })],
    [
      "as a function",
      () => new FargateExecutor({ clusterClass: (kwargs: object) => new LocalCluster(kwargs), clusterKwargs: four }),
    ],
  ])("a cluster class %s, with workers and threads", async (_, make) => {
    const state = await daskExample.run({ executor: make() });
    expect(state).toMatchObject({ result: 9900, report: { workers: 2, slots: 4 } });
  });

  it("adaptive scaling within a minimum and a maximum, either of which may be none", async () => {
    const executor = new FargateExecutor({ adaptKwargs: { minimum: null, maximum: 2 } });
    expect((await daskExample.run({ executor })).result).toBe(9900);
    expect(() => new FargateExecutor({ adaptKwargs: { minimum: 2, maximum: null } })).not.toThrow();
  });

  it("an executor that belongs to the flow, as a default argument does there", async () => {
    expect(await myFlow.run()).toMatchObject({ kind: "Success", report: { workers: 1 } });
  });

  it("one existing cluster for several runs at once", async () => {
    const runs = [1, 2, 3].map(async () => await daskExample.run({ executor: new FargateExecutor({ address }) }));
    expect((await Promise.all(runs)).map(({ result }) => result)).toEqual([9900, 9900, 9900]);
  });

  it("an address and a cluster class exclude each other", () => {
    const both = { address, clusterKwargs: {} } as object;
    expect(() => new FargateExecutor(both)).toThrow("Cannot specify `address` and `clusterClass`/`clusterKwargs`");
  });
});
