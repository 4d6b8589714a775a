/** The driver's scaling loop in virtual time, over workers that come late, rest, and leave by themselves. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ExecutorEvent } from "../../src/executors/executor.ts";
import { nothingKnown } from "../../src/executors/past-runs.ts";
import { type Arrival, FleetModel } from "./fleet-model.ts";

const minute = 60_000;
const calls = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

async function played(model: FleetModel, arrivals: readonly Arrival[], restMs = 0): Promise<FleetModel> {
  await model.start();
  await model.play(arrivals, restMs);
  return model;
}

function decisions(model: FleetModel) {
  return model.events.filter(
    (event): event is Extract<ExecutorEvent, { kind: "scaling-decided" }> => event.kind === "scaling-decided",
  );
}

const burst = { adapt: { maximum: 20 }, startUpMs: () => 20_000, minimumBilledMs: minute };

describe("growing", () => {
  it("begins in the very turn in which work comes", async () => {
    const model = await played(new FleetModel(burst), [{ atMs: 5_000, durationsMs: calls(500, 5_000) }]);
    expect(model.launched.map(({ atMs }) => atMs).slice(0, 2)).toEqual([0, 5_100]);
    expect(model.most).toBe(20);
    expect(model.stopped).toEqual([]);
  });

  it("tells each decision once, with its bounds and the reason", async () => {
    const adapt = { maximum: 3 };
    const model = await played(new FleetModel({ ...burst, adapt }), [{ atMs: 0, durationsMs: calls(100, 5_000) }]);
    const told = decisions(model).map(({ target, winner }) => `${target} ${winner}`);
    expect(told.every((each, at) => each !== told[at - 1])).toBe(true);
    expect(told).toContain("3 maximum");
    const [capped] = decisions(model).filter(({ winner }) => winner === "maximum");
    expect(capped?.sentence).toContain("the maximum");
    expect(capped?.bounds).toContainEqual({ name: "maximum", value: 3 });
    expect(model.watch.limitedBy).toMatch(/^maximum: more workers would have been worth their price/);
  });

  it("starts the next stage's workers so that they arrive when it does", async () => {
    const task = (slug: string) => {
      return slug === "next-1"
        ? { meanMs: 10_000, tailMs: 10_000, calls: 60 }
        : { meanMs: 40_000, tailMs: 40_000, calls: 1 };
    };
    const model = new FleetModel({ ...burst, remembered: { ...nothingKnown, startUpMs: 20_000, task } });
    model.planned = [{ slug: "next-1", calls: 60, after: ["work-1"] }];
    await model.start();
    model.add(calls(1, 40_000));
    while (!model.isDone) await model.step();
    const ahead = model.launched.slice(1);
    // The first worker is there after 20 s and works for 40 s: the others take 20 s, so that they are requested after 40 s.
    expect(model.nowMs).toBeGreaterThanOrEqual(60_000);
    expect(ahead.length).toBeGreaterThan(0);
    for (const { atMs } of ahead) expect(Math.abs(atMs - 41_000)).toBeLessThanOrEqual(2_000);
  });
});

describe("shrinking", () => {
  it("leaves the minimum, by workers that leave by themselves", async () => {
    const adapt = { minimum: 2, maximum: 20 };
    const model = new FleetModel({ ...burst, adapt, workers: 2 });
    await played(model, [{ atMs: 0, durationsMs: calls(200, 5_000) }], minute);
    expect(model.alive).toBe(2);
    expect(model.events.filter(({ kind }) => kind === "worker-left")).toHaveLength(model.watch.count - 2);
    expect(model.events.filter(({ kind }) => kind === "worker-lost")).toEqual([]);
    expect(model.stopped).toEqual([]);
  });

  it("waits for the end of the minute that is paid while more may come", async () => {
    const model = new FleetModel({ ...burst, startUpMs: () => 1_000 });
    model.planned = undefined; // nobody knows
    await model.start();
    await model.play([{ atMs: 0, durationsMs: calls(100, 3_000) }], 0);
    const { most } = model;
    expect(most).toBeGreaterThan(1);
    while (model.nowMs < minute - 5_000) await model.step();
    expect(model.alive).toBe(most);
    while (model.nowMs < minute + 20_000) await model.step();
    expect(model.alive).toBe(0);
  });
});

describe("a budget", () => {
  it("is never overspent: the fleet is drained, and the run ends with what was spent and what is left", async () => {
    const adapt = { maximum: 20, budget: { usd: 0.1 } };
    const model = await played(new FleetModel({ ...burst, adapt }), [{ atMs: 0, durationsMs: calls(2_000, 5_000) }]);
    expect(model.error).toMatchObject({ code: "budget_exhausted" });
    const { spentUsd, remainingCalls } = (model.error as { data: Record<string, number> }).data;
    expect(spentUsd).toBeLessThanOrEqual(0.1);
    expect(spentUsd).toBeGreaterThan(0.05);
    expect(remainingCalls).toBe(2_000 - model.runs.size); // all were drained: none was in work
    expect(model.stopped).toEqual([]);
    expect(String(model.error)).toMatch(/budget of \$0\.10 is used up: .* calls that could run now remain \(raise/);
  });

  it("that does not pay for one worker ends the run before anything is started", async () => {
    const model = new FleetModel({ ...burst, adapt: { budget: { usd: 0.001 } } });
    await expect(model.start()).rejects.toMatchObject({ code: "budget_exhausted" });
    expect(model.launched).toEqual([]);
  });
});

describe("whatever comes", () => {
  const anyArrival = fc.record({
    atMs: fc.integer({ min: 0, max: 200_000 }),
    durationsMs: fc.array(fc.integer({ min: 50, max: 30_000 }), { minLength: 1, maxLength: 40 }),
  });
  const anyCase = fc.record({
    arrivals: fc.array(anyArrival, { minLength: 1, maxLength: 4 }),
    minimum: fc.integer({ min: 0, max: 3 }),
    more: fc.integer({ min: 1, max: 15 }),
    startUpMs: fc.integer({ min: 500, max: 60_000 }),
    spreadMs: fc.integer({ min: 1, max: 20_000 }),
    knows: fc.boolean(),
  });

  it("no worker is stopped, no call is run twice, and the fleet is back at its minimum within a paid minute (I6)", async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ arrivals, minimum, more, startUpMs, spreadMs, knows }) => {
        const model = new FleetModel({
          adapt: { minimum, maximum: minimum + more },
          workers: Math.max(1, minimum),
          startUpMs: (launched) => startUpMs + ((launched * 7919) % spreadMs),
          minimumBilledMs: minute,
        });
        if (!knows) model.planned = undefined;
        // Those that are still starting when the work ends have their minute before them.
        await played(model, arrivals, startUpMs + spreadMs + minute + 10_000);
        const count = arrivals.reduce((sum, { durationsMs }) => sum + durationsMs.length, 0);
        expect(model.error).toBeUndefined();
        expect([...model.runs.values()].every((runs) => runs === 1)).toBe(true);
        expect(model.runs.size).toBe(count);
        expect(model.most).toBeLessThanOrEqual(minimum + more);
        expect(model.alive).toBe(minimum);
        expect(model.stopped).toEqual([]);
        expect(model.events.some(({ kind }) => kind === "worker-lost")).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
