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
