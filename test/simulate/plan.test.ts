import { beforeAll, describe, expect, it } from "vitest";
import { hourlyUsd, pricesIn } from "../../src/base/prices.ts";
import type { ExecutorProfile, FleetProfile } from "../../src/executors/executor.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import type { FlowFactory } from "../../src/flow/flow-factory.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { range } from "../../src/flow/range.ts";
import { task } from "../../src/flow/task.ts";
import { flatten } from "../../src/flow/flatten.ts";
import { createFlowPlanner, type PlannerDeps } from "../../src/simulate/plan-flow.ts";
import type { PlannedOverhead } from "../../src/simulate/planned.ts";
import { someFleet } from "./some-fleet.ts";

const inc = task("inc", (x: number) => x + 1);
const list = task("list", () => [1, 2, 3]);
const total = task("total", (xs: readonly number[]) => xs.length);

const fleet: FleetProfile = { ...someFleet, maximum: 50, assumed: ["workers are ARM64"] };

function executorOn(profile: ExecutorProfile) {
  const refuse = () => Promise.reject(new Error("a plan starts nothing"));
  return { profile, start: refuse, submit: refuse, map: refuse, wait: refuse };
}

const onFargate = executorOn({ place: "fargate", fleet });
const inProcess = executorOn({ place: "in-process" });

function factory(known: Partial<Awaited<ReturnType<PlannerDeps["memoryOf"]>>> = {}): FlowFactory {
  const plan = createFlowPlanner({
    now: () => 0,
    defaultExecutor: () => inProcess,
    memoryOf: () => Promise.resolve({ task: () => undefined, startUpMs: undefined, ...known }),
  });
  const refuse = () => Promise.reject(new Error("a plan runs nothing"));
  return createFlowFactory(refuse, undefined, plan);
}

let flow: FlowFactory;
beforeAll(() => {
  flow = factory();
});

describe("the number of calls", () => {
  it("is told for constants, lists, parameters, ranges of them, and what maps over those", async () => {
    const f = flow("widths", () => {
      const n = Parameter<number>("n");
      const xs = Parameter<number[]>("xs");
      const same = inc.map(inc.map(range(2, n)));
      return [same, inc.map(xs), inc.map([1, 2]), inc.map(same), inc.map(flatten([[1], [2, 3]]))];
    });
    const { tasks } = await f.plan({ parameters: { n: 10, xs: [1, 2, 3, 4, 5] } });
    expect(tasks.map(({ slug, calls }) => [slug, calls])).toEqual([
      ["range-1", 1],
      ["inc-1", 8],
      ["inc-2", 8],
      ["inc-3", 5],
      ["inc-4", 2],
      ["inc-5", 8],
      ["inc-6", 3],
    ]);
  });

  it("is unknown where only the run can tell, which is said, and can be given by task or slug", async () => {
    const f = flow("unknown", () => total(inc.map(list())));
    const plan = await f.plan({ executor: onFargate });
    expect(plan.outcome).toBeUndefined();
    expect(plan.unknown).toEqual([
      "how many calls inc-1 has is known only when the flow runs (give --width inc=<calls>, or `widths`)",
    ]);
    expect(String(plan)).toContain("at least 2 calls: not all are known");
    for (const widths of [{ inc: 100 }, { "inc-1": 100 }]) {
      expect((await f.plan({ executor: onFargate, widths })).outcome?.likely.wallMs).toBeGreaterThan(0);
    }
  });

  it("refuses widths and estimates of tasks that are not there, and what is none", async () => {
    const f = flow("strict", () => inc.map([1, 2]));
    await expect(f.plan({ widths: { total: 5 } })).rejects.toThrow('no mapped task "total" (it has inc)');
    await expect(f.plan({ widths: { inc: 1.5 } })).rejects.toThrow("inc must be a whole number of at least 0, got 1.5");
    await expect(f.plan({ estimates: { dec: "2s" } })).rejects.toThrow('has no task "dec" (it has inc)');
    await expect(f.plan({ estimates: { inc: "soon" } })).rejects.toThrow(
      'inc must be milliseconds or text such as 500ms, 10s or 1m, got "soon"',
    );
    await expect(f.plan({ estimate: {} } as object)).rejects.toThrow('flow.plan has no option "estimate"');
    const plain = flow("plain", () => list());
    await expect(plain.plan({ widths: { list: 5 } })).rejects.toThrow("it has no mapped task at all");
    await expect(flow("empty", () => 1).plan()).rejects.toThrow('flow "empty" has no task: there is nothing to plan');
  });
});

describe("a plan", () => {
  it("tells a small flow on Fargate in full", async () => {
    const f = flow("golden", () => total(inc.map(range(200))));
    const plan = await f.plan({ executor: onFargate, estimates: { inc: "2s", total: 500 } });
    expect(`\n${String(plan)}\n`).toMatchInlineSnapshot(`
      "
        plan       golden on a temporary cluster on Fargate; nothing was started
        calls      202 calls
                   range-1          1 x 1 ms (the library's own)
                   inc-1          200 x 2.0 s (given)
                   total-1          1 x 500 ms (given)
        workers    0 to 50, 1 call at once each; paid as 1 vCPU / 2 GB arm64
        wall time  2 min 32 s likely, 1 min 30 s low, 4 min 58 s high
        cost       $0.01046 likely, $0.00670 low, $0.01604 high
                   list prices in us-east-1 on 2026-08-16, without free tier
        at once    8 workers likely, 7 workers low, 6 workers high
        over time  |             ▁▁▁▁▁▁▁▁▁▂▂▃▆▆▇▇▇▇███████  | 2 min 32 s, 8 workers high
        assumed    the run does not know the times that are given: it scales by what it measures
                   every call succeeds the first time
                   workers are ARM64
                   the account's quota allows these workers
                   a worker starts within 45 s (20 s to 90 s)
      "
    `);
  });

  it("is the same every time, and low, likely and high stand in that order", async () => {
    const f = flow("order", () => inc.map(range(500)));
    const options = { executor: onFargate, estimates: { inc: "3s" } };
    const { outcome } = await f.plan(options);
    expect((await f.plan(options)).outcome).toEqual(outcome);
    expect(outcome?.low.wallMs).toBeLessThan(outcome?.likely.wallMs ?? 0);
    expect(outcome?.likely.wallMs).toBeLessThan(outcome?.high.wallMs ?? 0);
    expect(outcome?.low.usd).toBeLessThan(outcome?.high.usd ?? 0);
    expect(outcome?.likely.peakWorkers).toBeLessThanOrEqual(50);
  });

  it("names the region whose prices it takes, and takes them", async () => {
    const f = flow("regions", () => inc.map(range(2_000)));
    const usd = async (region: string) => {
      const prices = pricesIn(region);
      const { worker } = fleet;
      const usdPerHour = { spot: hourlyUsd(worker, true, prices), "on-demand": hourlyUsd(worker, false, prices) };
      const executor = executorOn({ place: "fargate", fleet: { ...fleet, prices, usdPerHour } });
      const plan = await f.plan({ executor, estimates: { inc: "3s" } });
      expect(String(plan)).toContain(`list prices in ${region} on `);
      return plan.outcome?.likely.usd ?? Number.NaN;
    };
    const ratio = (await usd("eu-central-1")) / (await usd("us-east-1"));
    expect(ratio).toBeGreaterThan(1.1);
    expect(ratio).toBeLessThan(1.15);
  });

  it("keeps to a fixed number of workers, which are there from first to last", async () => {
    const f = flow("fixed", () => inc.map(range(100)));
    const executor = executorOn({ place: "fargate", fleet: { ...fleet, minimum: 10, maximum: 10 } });
    const { outcome } = await f.plan({ executor, estimates: { inc: "10s" } });
    expect(outcome?.likely.peakWorkers).toBe(10);
    // 100 calls of 10 s on 10 workers after 45 s of start-up, more or less.
    expect(outcome?.likely.wallMs).toBeGreaterThan(130_000);
    expect(outcome?.likely.wallMs).toBeLessThan(190_000);
  });

  it("halves the time where each worker runs two calls at once", async () => {
    const f = flow("slots", () => inc.map(range(400)));
    const wallMs = async (slotsPerWorker: number) => {
      const executor = executorOn({ place: "fargate", fleet: { ...fleet, minimum: 10, maximum: 10, slotsPerWorker } });
      return (await f.plan({ executor, estimates: { inc: "10s" } })).outcome?.likely.wallMs ?? Number.NaN;
    };
    const workMs = (await wallMs(1)) - 45_000;
    const halfMs = (await wallMs(2)) - 45_000;
    expect(halfMs / workMs).toBeGreaterThan(0.45);
    expect(halfMs / workMs).toBeLessThan(0.6);
  });

  it("says when the budget ends before the work", async () => {
    const f = flow("poor", () => inc.map(range(1_000)));
    const executor = executorOn({ place: "fargate", fleet: { ...fleet, budgetUsd: 0.01 } });
    const plan = await f.plan({ executor, estimates: { inc: "60s" } });
    expect(plan.outcome?.likely.wallMs).toBe(Infinity);
    expect(String(plan)).toContain("never (the budget ends first)");
  });

  it("takes what earlier runs measured, a chain by its first task, and what is given before that", async () => {
    const known = factory({ task: (slug) => (slug === "inc-1" ? { meanMs: 4_000, tailMs: 6_000 } : undefined) });
    const f = known("chain", () => inc.map(inc.map(range(10))));
    const from = async (estimates: Record<string, string>) =>
      (await f.plan({ executor: onFargate, estimates })).tasks.map(({ callMs, callMsFrom }) => [
        callMs.likely,
        callMsFrom,
      ]);
    expect(await from({})).toEqual([
      [1, "library"],
      [4_000, "earlier runs"],
      [0, "earlier runs"],
    ]);
    expect((await from({ "inc-2": "1s" }))[2]).toEqual([1_000, "estimate"]);
  });

  it("counts what a run takes besides: opening, shipping the code, each chunk, closing", async () => {
    const executor = executorOn({ place: "fargate", fleet: { ...fleet, minimum: 3, maximum: 3 } });
    const wallMs = async (overhead: PlannedOverhead) => {
      const f = factory({ overhead })("overhead", () => inc.map(range(40)));
      return (await f.plan({ executor, estimates: { inc: "100ms" } })).outcome?.likely.wallMs ?? Number.NaN;
    };
    const none = { openMs: 0, readyMs: 0, closeMs: 0, chunkMs: 0 };
    const least = await wallMs(none);
    expect(await wallMs({ ...none, openMs: 10_000, closeMs: 5_000 })).toBe(least + 15_000);
    expect(await wallMs({ ...none, readyMs: 20_000 })).toBe(least); // workers start meanwhile
    expect(await wallMs({ ...none, readyMs: 120_000 })).toBeGreaterThan(120_000);
    expect(await wallMs({ ...none, chunkMs: 1_000 })).toBeGreaterThan(least + 5_000);
  });

  it("takes low and high from what several runs have measured, and their median for likely", async () => {
    const callMs = async (meansMs: readonly number[]) => {
      const known = factory({ task: () => ({ meanMs: 4_000, tailMs: 6_000, meansMs }) });
      const [, mapped] = (await known("spread", () => inc.map(range(10))).plan({ executor: onFargate })).tasks;
      return mapped?.callMs;
    };
    expect(await callMs([4_000, 9_000, 3_000])).toEqual({ low: 3_000, likely: 4_000, high: 9_000 });
    expect(await callMs([4_000, 9_000])).toEqual({ low: 3_200, likely: 4_000, high: 5_200 });
    const startUps = async (startUpsMs: readonly number[]) => {
      const f = factory({ startUpMs: 30_000, startUpsMs })("starts", () => inc.map(range(1)));
      const { outcome } = await f.plan({ executor: onFargate, estimates: { inc: 1 } });
      return [outcome?.low.wallMs ?? 0, outcome?.high.wallMs ?? 0];
    };
    const [low = 0, high = 0] = await startUps([30_000, 20_000, 300_000]);
    expect(high - low).toBeGreaterThan(200_000);
  });

  it("of a flow in this process is the sum of its calls, and costs nothing", async () => {
    const f = flow("local", () => inc.map([1, 2, 3]));
    const { outcome } = await f.plan({ executor: inProcess, estimates: { inc: "2s" } });
    expect(outcome?.likely).toMatchObject({ wallMs: 6_000, usd: 0 });
  });

  it("of a flow without maps says that more workers are of little use", async () => {
    const plan = await flow("plain", () => total(list())).plan({
      executor: onFargate,
      estimates: { list: 10, total: 10 },
    });
    expect(String(plan)).toContain("2 calls: no task is mapped, so that more workers are of little use");
  });

  it("on workers of others tells the calls, and why it tells no time", async () => {
    const f = flow("shared", () => inc.map([1, 2]));
    const plan = await f.plan({ executor: executorOn({ place: "shared" }) });
    expect([plan.tasks[0]?.calls, plan.outcome]).toEqual([2, undefined]);
    expect(plan.unknown[0]).toMatch(/shared cluster's/);
  });
});
