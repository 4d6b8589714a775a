import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { FargateExecutor, type RunEvent } from "../../src/index.ts";

const directory = await mkdtemp(join(tmpdir(), "kept-"));
process.env["CLOUDBURST_TEST_RESULTS"] = directory;
const { keeping } = await import("./flows/kept.ts");
const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 2 } });

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** How many calls workers made in a run, with its final state. */
async function callsOf(n: number): Promise<readonly [number, unknown]> {
  let calls = 0;
  const onEvent = (event: RunEvent): void => {
    if (event.type === "executor" && event.event.kind === "chunk-committed") calls += event.event.calls;
  };
  const state = await keeping.run({ parameters: { n }, executor, onEvent });
  return [calls, state.result];
}

it("what a run on workers has kept costs the next one nothing", async () => {
  const result = { total: 6, one: 4 };
  expect(await callsOf(3)).toEqual([9, result]); // range, 3 × make, 3 × kept, sum, cached
  expect((await readdir(join(directory, "keeping"))).sort()).toEqual(["0.json", "1.json", "2.json"]);
  expect(await callsOf(3)).toEqual([5, result]);
});
