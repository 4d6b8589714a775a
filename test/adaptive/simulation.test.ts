import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billedMs } from "../../src/simulate/billing.ts";
import { EventHeap } from "../../src/simulate/event-heap.ts";
import { policiesFor } from "../../bench/simulate/contest.ts";
import { cloudburst } from "../../bench/simulate/policies/cloudburst.ts";
import { findOracle } from "../../bench/simulate/policies/oracle.ts";
import { seeded } from "../../src/simulate/random.ts";
import { drawBatch, type Trace } from "../../src/simulate/trace.ts";
import { allTraces, fargateBilling } from "../../bench/simulate/traces.ts";
import { World } from "../../src/simulate/world.ts";
import type { Outcome } from "../../src/simulate/outcome.ts";

function small(seed: number, change: Partial<Trace["cloud"]> = {}): Trace {
  return {
    name: "small",
    about: "100 calls of 5 s",
    batches: [drawBatch(seeded(seed), { task: "work", calls: 100, medianMs: 5_000, sigma: 0.3 })],
    cloud: {
      capacity: "on-demand", startUpMs: 40_000, startUpSigma: 0.15, quota: 100, slotsPerWorker: 1, billing: fargateBilling, spotStorm: undefined, drought: undefined, ...change,
    },
  }; // prettier-ignore
}

function plain({ timeline, ...outcome }: Outcome): object {
  return { ...outcome, samples: timeline.samples };
}

describe("the simulator", () => {
  it("takes events in the order of time, and of their adding", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (times) => {
        const heap = new EventHeap<number>();
        times.forEach((at, index) => heap.add(at, index));
        const taken = times.map(() => heap.take());
        const sorted = times.map((at, event) => ({ at, event })).sort((a, b) => a.at - b.at);
        expect(taken.map((each) => ({ at: each?.at, event: each?.event }))).toEqual(sorted);
      }),
    );
  });

  it("bills by the second, a minute at least, and nothing before the pull", () => {
    const billed = (from: number, to: number) => billedMs(fargateBilling, from, to);
    expect([billed(10_000, 9_000), billed(10_000, 10_001), billed(0, 60_001)]).toEqual([0, 60_000, 61_000]);
  });

  it("tells the same story for the same seed", () => {
    const trace = small(1, {
      capacity: "spot",
      spotStorm: { fromMs: 50_000, toMs: 300_000, refused: 0.5, meanLifeMs: 30_000 },
    });
    const run = () => plain(new World(trace, cloudburst(trace, { name: "ours", remembers: false }), 3).run());
    expect(run()).toEqual(run());
  });

  it("gets all work done with every policy, and costs at least the work itself", () => {
    const trace = small(2);
    const workMs = trace.batches[0]?.sums.at(-1) ?? 0;
    for (const policy of policiesFor(trace)) {
      const { makespanMs, usd } = new World(trace, policy, 1).run();
      expect(makespanMs, policy.name).toBeGreaterThan(40_000 * 0.3);
      expect(makespanMs, policy.name).toBeLessThan(7_200_000);
      if ((policy.warmWorkers ?? 0) === 0) expect(usd, policy.name).toBeGreaterThan((workMs / 3_600_000) * 0.0445);
    }
  });

  it("never sees Cloudburst stop a busy worker, over storms, droughts and seeds (I6)", () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      for (const trace of allTraces(seed, 200).filter(({ batches }) => batches.length < 10)) {
        const { busyStopped, makespanMs } = new World(
          trace,
          cloudburst(trace, { name: "ours", remembers: seed % 2 === 0 }),
          seed,
        ).run();
        expect(busyStopped).toBe(0);
        expect(makespanMs).toBeLessThan(Infinity);
      }
    }
  });

  it("finds the oracle near the fleet that arithmetic gives for a plain burst", () => {
    const trace = small(4);
    const work = (trace.batches[0]?.sums.at(-1) ?? 0) / 1_000;
    const { peak } = findOracle(trace, 1);
    // w / sqrt(S x billed S), give or take the grid and whole rounds of calls.
    expect(peak).toBeGreaterThan((work / Math.sqrt(40 * 30)) * 0.6);
    expect(peak).toBeLessThan((work / Math.sqrt(40 * 30)) * 1.6);
  });

  it("shows Cloudburst within half again of the oracle for a plain burst, and within twice when it knows nothing", () => {
    const trace = small(5);
    const oracle = findOracle(trace, 1);
    for (const [remembers, factor] of [
      [true, 1.5],
      [false, 2],
    ] as const) {
      const outcome = new World(trace, cloudburst(trace, { name: "ours", remembers }), 1).run();
      expect(outcome.usd * outcome.makespanMs).toBeLessThan(factor * oracle.usd * oracle.makespanMs);
    }
  });
});
