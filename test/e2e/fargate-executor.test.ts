import { describe, expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { chain, zipAndSum } from "./flows/arithmetic.ts";
import { constant } from "./flows/values.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 2, threadsPerWorker: 2 } });

describe("a flow on local workers", () => {
  it("fuses a chain of mapped tasks into chunks that never leave the worker", async () => {
    const state = await chain.run({ parameters: { n: 50 }, executor });
    expect(state.result).toEqual(Array.from({ length: 50 }, (_, i) => (i + 1) * 10));
    const calls = 4 * 50;
    expect(state.report?.chunks).toBeLessThan(calls / 4);
  });

  it("stores a large constant once, not in every message", async () => {
    const state = await constant.run({ executor });
    expect(state.result).toEqual([0, 0, 7]);
    expect(state.report?.requests["s3"]?.["GetObject"]).toBeLessThanOrEqual(2 + 2 + 6); // bundle, constant, lease at begin and end for each worker
  });

  it("serves two runs at once with clusters of their own", async () => {
    const [a, b] = await Promise.all([
      zipAndSum.run({ parameters: { n: 20 }, executor }),
      zipAndSum.run({ parameters: { n: 30 }, executor }),
    ]);
    expect([a.result.total, b.result.total]).toEqual([380, 870]);
    expect(a.report?.cluster).not.toBe(b.report?.cluster);
  });

  it("reports what the run used", async () => {
    const { report } = await zipAndSum.run({ parameters: { n: 100 }, executor });
    expect(report).toMatchObject({ workers: 2, slots: 4, duplicates: 0 });
    expect(report?.requests["ecs"]).toMatchObject({ RunTask: 1, RegisterTaskDefinition: 1 });
    expect(report?.requests["s3"]?.["PutObject"]).toBeGreaterThan(0);
    expect(report?.requests["sqs"]?.["ReceiveMessage"]).toBeGreaterThan(0);
    expect(report?.workerMs).toHaveLength(2);
  });
});
