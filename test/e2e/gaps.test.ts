/** Calls that fail, or are made again, here and there, and a worker that dies of a chunk with gaps: on real workers. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FargateExecutor, LocalExecutor } from "../../src/index.ts";
import type { ClusterReport } from "../../src/executors/executor.ts";
import { killedOnceInGaps, zipWithFailures, zipWithRetries } from "./flows/gaps.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 2, threadsPerWorker: 1 } });
const directory = mkdtempSync(join(tmpdir(), "cloudburst-gaps-"));
afterAll(() => rmSync(directory, { recursive: true }));

const requestsOf = (report: ClusterReport | undefined): number =>
  Object.values(report?.requests ?? {})
    .flatMap((operations) => Object.values(operations))
    .reduce((sum, count) => sum + count, 0);

describe("calls that fail here and there", () => {
  it.each([
    { flow: zipWithFailures, what: "fail" },
    { flow: zipWithRetries, what: "are made again" },
  ])("cost the calls behind them no chunks of their own when they $what", async ({ flow }) => {
    const parameters = { n: 1_000, every: 7 };
    const remote = await flow.run({ parameters, executor });
    const local = await flow.run({ parameters, executor: new LocalExecutor() });
    expect(remote.result).toEqual(local.result);
    // 142 gaps: with a chunk for each range there were more than 170 chunks and 1,200 requests.
    expect(remote.report?.chunks).toBeLessThan(100);
    expect(requestsOf(remote.report)).toBeLessThan(800);
  });
});

describe("a worker that is killed in the middle of a chunk with gaps", () => {
  it("loses no result", async () => {
    const marker = join(directory, "killed");
    const n = 300;
    const state = await killedOnceInGaps.run({ parameters: { n, culprit: 249, marker }, executor });
    expect(existsSync(marker)).toBe(true);
    expect(state.result).toEqual(sums(n));
    expect(state.report?.workers).toBe(3); // one was replaced
  }, 60_000);
});

/** Of the zip whose every third call has nothing to run on. */
function sums(n: number): unknown[] {
  const refused = expect.stringContaining("Trigger was") as unknown;
  return Array.from({ length: n }, (_, x) => (x % 3 === 2 ? refused : 2 * x - 1));
}
