import { describe, expect, it } from "vitest";
import { FargateExecutor, LocalExecutor } from "../../src/index.ts";
import { chain, flattened, mappedInside, nested, zipAndSum } from "./flows/arithmetic.ts";
import { constant, echo, large, values } from "./flows/values.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 2, threadsPerWorker: 2 } });

describe("a flow on local workers", () => {
  it("zips mapped tasks, reduces them, and gives what the local executor gives", async () => {
    const options = { parameters: { n: 100 } };
    const remote = await zipAndSum.run({ ...options, executor });
    const local = await zipAndSum.run({ ...options, executor: new LocalExecutor() });
    expect(remote.message).toBe("All reference tasks succeeded.");
    expect(remote.result).toEqual(local.result);
    expect(remote.result.total).toBe(9900);
  });

  it("fuses a chain of mapped tasks into chunks that never leave the worker", async () => {
    const state = await chain.run({ parameters: { n: 50 }, executor });
    expect(state.result).toEqual(Array.from({ length: 50 }, (_, i) => (i + 1) * 10));
    const calls = 4 * 50;
    expect(state.report?.chunks).toBeLessThan(calls / 4);
  });

  it("flattens lists whose elements are spread over chunks", async () => {
    const state = await flattened.run({ parameters: { n: 30 }, executor });
    const expected = Array.from({ length: 30 }, (_, n) => Array.from({ length: n }, (_, i) => i + 1)).flat();
    expect(state.result).toEqual(expected);
  });

  it("maps over nothing", async () => {
    const state = await zipAndSum.run({ parameters: { n: 0 }, executor });
    expect(state.result).toEqual({ total: 0, incs: [] });
  });

  it("resolves handles inside objects and lists", async () => {
    const state = await nested.run({ executor });
    expect(state.result).toEqual({ text: "two+three=5", list: 12 });
  });

  it("maps over inputs deep inside an argument", async () => {
    const state = await mappedInside.run({ executor });
    expect(state.result).toEqual(["a+x=2", "b+x=3"]);
  });

  it("carries every kind of value out and back", async () => {
    const state = await echo.run({ executor });
    expect(state.result).toEqual(values);
  });

  it("stores a large constant once, not in every message", async () => {
    const state = await constant.run({ executor });
    expect(state.result).toEqual([0, 0, 7]);
    expect(state.report?.requests["s3"]?.["GetObject"]).toBeLessThanOrEqual(2 + 2 + 6); // bundle, constant, lease at begin and end for each worker
  });

  it("passes large results from worker to worker", async () => {
    const state = await large.run({ executor });
    expect(state.result).toEqual([300_000, 10, 400_000]);
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
