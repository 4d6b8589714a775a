import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheDirectory, PastRuns, type RunMeasurements } from "../../src/executors/past-runs.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "past-runs-")), "cloudburst");
  file = join(directory, "past-runs.json");
});

afterEach(async () => {
  await rm(join(directory, ".."), { recursive: true });
});

const measured: RunMeasurements = {
  flowName: "report",
  workerKind: "acme/worker:1 1024/2048",
  startUpMs: 41_000,
  tasks: new Map([["resize-1", { meanMs: 120, tailMs: 900, calls: 1_000 }]]),
};

describe("what is remembered of past runs", () => {
  it("is known to the next run of the flow on the same kind of worker, and to no other", async () => {
    await new PastRuns(directory).remember(measured, 1);
    const known = await new PastRuns(directory).recall("report", measured.workerKind);
    expect(known.startUpMs).toBe(41_000);
    expect(known.task("resize-1")).toMatchObject({ meanMs: 120, tailMs: 900, calls: 1_000 });
    expect(known.task("constructor")).toBeUndefined();
    const otherFlow = await new PastRuns(directory).recall("other", measured.workerKind);
    expect([otherFlow.startUpMs, otherFlow.task("resize-1")]).toEqual([41_000, undefined]);
    const otherKind = await new PastRuns(directory).recall("report", "local");
    expect([otherKind.startUpMs, otherKind.task("resize-1")]).toEqual([undefined, undefined]);
  });

  it.each(["", "{", "[]", '{"v":2}', '{"v":1,"workers":{"x":{"startUpMs":"soon","at":1}},"tasks":{}}'])(
    "is nothing where the file holds %j, and is written anew",
    async (text) => {
      await mkdir(directory);
      await writeFile(file, text);
      const pastRuns = new PastRuns(directory);
      expect((await pastRuns.recall("report", measured.workerKind)).startUpMs).toBeUndefined();
      await pastRuns.remember(measured, 1);
      expect((await pastRuns.recall("report", measured.workerKind)).startUpMs).toBe(41_000);
    },
  );

  it("has what the latest five runs have measured, and of what they took besides the median", async () => {
    const pastRuns = new PastRuns(directory);
    for (const [at, startUpMs] of [10, 20, 30, 40, 50, 60].entries()) {
      const overhead = { openMs: startUpMs, readyMs: 1, closeMs: 100 - startUpMs, chunkMs: undefined };
      const tasks = new Map([["resize-1", { meanMs: startUpMs, tailMs: 900, calls: 1_000 }]]);
      await pastRuns.remember({ ...measured, startUpMs, overhead, tasks }, at);
    }
    const known = await pastRuns.recall("report", measured.workerKind);
    expect([known.startUpMs, known.startUpsMs]).toEqual([60, [60, 50, 40, 30, 20]]);
    expect(known.task("resize-1")).toMatchObject({ meanMs: 60, meansMs: [60, 50, 40, 30, 20] });
    expect(known.overhead).toEqual({ openMs: 40, readyMs: 1, closeMs: 60, chunkMs: undefined });
  });

  it("of a file from before there were such lists is known as well", async () => {
    await mkdir(directory);
    const key = JSON.stringify(["local", "report", "resize-1"]);
    const tasks = { [key]: { meanMs: 5, tailMs: 6, calls: 7, at: 1 } };
    await writeFile(file, JSON.stringify({ v: 1, workers: { local: { startUpMs: 8, at: 1 } }, tasks }));
    const known = await new PastRuns(directory).recall("report", "local");
    expect(known).toMatchObject({ startUpMs: 8, startUpsMs: [], overhead: undefined });
    expect(known.task("resize-1")).toMatchObject({ meanMs: 5, meansMs: [] });
  });

  it("is never an error where nothing can be written or read", async () => {
    await writeFile(directory, "a file where the directory should be");
    const pastRuns = new PastRuns(directory);
    await pastRuns.remember(measured, 1);
    expect((await pastRuns.recall("report", measured.workerKind)).startUpMs).toBeUndefined();
  });

  it("stays small: what has not been written for longest goes first", async () => {
    const pastRuns = new PastRuns(directory);
    const tasks = (from: number, count: number) =>
      new Map(Array.from({ length: count }, (_, at) => [`t-${from + at}`, { meanMs: 1, tailMs: 1, calls: 1 }]));
    await pastRuns.remember({ ...measured, tasks: tasks(0, 1_500) }, 1);
    await pastRuns.remember({ ...measured, tasks: tasks(1_500, 1_500) }, 2);
    const known = await pastRuns.recall("report", measured.workerKind);
    expect(known.task("t-2999")).toBeDefined();
    expect(known.task("t-1499")).toBeUndefined();
    expect((await readFile(file, "utf8")).length).toBeLessThan(400_000);
  });

  it("is whole whenever it is read, however many write, and leaves nothing beside it", async () => {
    const kinds = Array.from({ length: 12 }, (_, at) => `kind-${at}`);
    const reads: Promise<unknown>[] = [];
    await Promise.all(
      kinds.map(async (workerKind) => {
        await new PastRuns(directory).remember({ ...measured, workerKind }, 1);
        reads.push(readFile(file, "utf8").then((text): unknown => JSON.parse(text)));
      }),
    );
    expect(await Promise.all(reads)).toHaveLength(kinds.length);
    expect(await readdir(directory)).toEqual(["past-runs.json"]);
  });

  it("lies in the user's cache", () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: "/var/cache/me" })).toBe("/var/cache/me/cloudburst");
    for (const env of [{}, { XDG_CACHE_HOME: "" }, { XDG_CACHE_HOME: "relative" }]) {
      expect(cacheDirectory(env)).toMatch(/\/\.cache\/cloudburst$/);
    }
  });
});
