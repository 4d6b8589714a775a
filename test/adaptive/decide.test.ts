import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/adaptive/decide.ts";
import type { ScalingLimits, ScalingView } from "../../src/adaptive/scaling-view.ts";
import { anyLimits, anyView, limitsOf, now, viewOf } from "./views.ts";

function withCalls(view: ScalingView, remainingCalls: number): ScalingView {
  return { ...view, work: { ...view.work, remainingCalls } };
}

function usable({ work, slotsPerWorker }: ScalingView): number {
  const calls = work.remainingCalls + work.otherRuns.messages + (work.upcoming?.calls ?? 0);
  return Math.ceil(calls / slotsPerWorker);
}

describe("decide", () => {
  it("stays within minimum, maximum and quota (S1)", () => {
    fc.assert(
      fc.property(anyView, anyLimits, (view, limits) => {
        const { target } = decide(view, limits, now);
        expect(Number.isInteger(target)).toBe(true);
        expect(target).toBeGreaterThanOrEqual(Math.min(limits.minimum, limits.quotaWorkers ?? Infinity));
        expect(target).toBeLessThanOrEqual(Math.min(limits.maximum ?? Infinity, limits.quotaWorkers ?? Infinity));
      }),
    );
  });

  it("never wants more workers than have a call to run, but for the minimum (S2)", () => {
    fc.assert(
      fc.property(anyView, anyLimits, (view, limits) => {
        expect(decide(view, limits, now).target).toBeLessThanOrEqual(Math.max(limits.minimum, usable(view)));
      }),
    );
  });

  it("counts workers that are on their way, so nothing is requested twice (S3)", () => {
    fc.assert(
      fc.property(anyView, anyLimits, (view, limits) => {
        const first = decide(view, limits, now);
        const { fleet } = view;
        const requested = { ...view, fleet: { ...fleet, starting: fleet.starting + first.launch } };
        const alive = fleet.busy + fleet.idle + fleet.starting;
        expect(first.launch).toBe(Math.max(0, first.target - alive));
        expect(first.surplus).toBe(Math.max(0, alive - first.target));
        // A fleet on its way is not let go either, as long as its calls are there.
        if (first.launch > 0) expect(decide(requested, limits, now).surplus).toBe(0);
      }),
    );
  });

  it("asks for nothing more once it has got what it wanted for a fresh burst", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), (calls, callMs) => {
        const work = { remainingCalls: calls, callMs: { meanMs: callMs, tailMs: callMs } };
        const { launch } = decide(viewOf({ work }), limitsOf(), now);
        expect(launch).toBeGreaterThanOrEqual(1);
        expect(decide(viewOf({ work, fleet: { starting: launch } }), limitsOf(), now).launch).toBe(0);
      }),
    );
  });

  it("never wants fewer workers for more remaining work (S4)", () => {
    fc.assert(
      fc.property(anyView, anyLimits, fc.integer({ min: 1, max: 1_000_000 }), (view, limits, more) => {
        const larger = withCalls(view, view.work.remainingCalls + more);
        expect(decide(larger, limits, now).target).toBeGreaterThanOrEqual(decide(view, limits, now).target);
      }),
    );
  });

  it("wants no worker only when nothing remains and the minimum is 0 (S5)", () => {
    fc.assert(
      fc.property(anyView, anyLimits, (view, limits) => {
        const { target, reason } = decide(view, limits, now);
        if (target !== 0) return;
        expect(limits.minimum).toBe(0);
        expect(view.work.remainingCalls + view.work.otherRuns.messages).toBe(0);
        expect(reason.won).toBe("nothing to do");
      }),
    );
    expect(decide(viewOf({ work: { remainingCalls: 0 } }), limitsOf(), now).target).toBe(0);
    expect(decide(viewOf({ work: { remainingCalls: 0 } }), limitsOf({ minimum: 2 }), now).target).toBe(2);
  });

  it("decides the same when asked again, and does not change what it is given", () => {
    fc.assert(
      fc.property(anyView, anyLimits, (view, limits) => {
        const before = structuredClone({ view, limits });
        const decision = decide(view, limits, now);
        expect(decide(structuredClone(view), structuredClone(limits), now)).toEqual(decision);
        expect({ view, limits }).toEqual(before);
      }),
    );
  });

  it("is not moved by limits that are not reached", () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const decision = decide(view, limitsOf(), now);
        const far: Partial<ScalingLimits> = {
          maximum: decision.target + 1,
          quotaWorkers: decision.target + 2,
          minimum: 0,
        };
        const limited = decide(view, limitsOf(far), now);
        expect(limited.target).toBe(decision.target);
        expect(limited.reason.won).toBe(decision.reason.won);
        expect(limited.reason.sentence).toBe(decision.reason.sentence);
      }),
    );
  });

  it("is not moved by work that is coming too late to be started for", () => {
    const later = viewOf({ work: { upcoming: { calls: 1_000, callMs: 60_000, inMs: 40_001 } } });
    expect(decide(later, limitsOf(), now)).toEqual(decide(viewOf(), limitsOf(), now));
    const soon = viewOf({ work: { upcoming: { calls: 1_000, callMs: 60_000, inMs: 39_999 } } });
    expect(decide(soon, limitsOf(), now).target).toBeGreaterThan(decide(later, limitsOf(), now).target);
  });

  it("names every bound with its value and the one that won, and says it in a sentence", () => {
    fc.assert(
      fc.property(anyView, anyLimits, (view, limits) => {
        const { target, reason } = decide(view, limits, now);
        const winner = reason.bounds.filter(({ name }) => name === reason.won);
        if (target > 0) expect(winner.map(({ workers }) => workers)).toEqual([target]);
        expect(reason.sentence).toMatch(new RegExp(`^${String(target)} workers? \\(.+\\): .+`, "u"));
      }),
    );
    const { reason } = decide(viewOf(), limitsOf({ maximum: 20 }), now);
    expect(reason.won).toBe("maximum");
    expect(reason.sentence).toBe("20 workers (0 there or starting): the maximum; 300 calls of 8.0 s would use more");
    expect(reason.bounds.map(({ name }) => name)).toEqual([
      "target duration",
      "worth",
      "paid minute",
      "calls",
      "already there",
      "at least one",
      "maximum",
    ]);
  });

  it("starts a first wave at once while nothing is known, and more when calls in work turn out to be long", () => {
    const unknown = { remainingCalls: 1_000_000, callMs: undefined };
    const first = decide(viewOf({ work: unknown, startUpMs: undefined }), limitsOf(), now);
    expect(first).toMatchObject({ target: 100, reason: { won: "first wave" } });
    const few = decide(viewOf({ work: { remainingCalls: 50, callMs: undefined } }), limitsOf(), now).target;
    const long = { remainingCalls: 50, callMs: undefined, runningForMs: 60_000 };
    expect(decide(viewOf({ work: long }), limitsOf(), now).target).toBeGreaterThan(few);
  });

  it("launches what a deadline needs, and no more when the deadline is far", () => {
    const work = { remainingCalls: 1_000, callMs: { meanMs: 10_000, tailMs: 10_000 } };
    const inMs = (finishBy: number) => decide(viewOf({ work }), limitsOf({ finishBy: now + finishBy }), now);
    // 10,000 s of work in 1,000 s less 10 % less half a call less the start-up: 855 s for each worker.
    expect(inMs(1_000_000)).toMatchObject({ target: 12, reason: { won: "deadline" } });
    expect(inMs(100_000_000).target).toBe(1);
    expect(inMs(10_000)).toMatchObject({ target: 1_000, reason: { won: "deadline" } });
  });

  it("lets only as many live as the rest of the budget pays for, and none when it is used up", () => {
    const worker = (0.0445 / 3_600) * 60; // its billed minute
    const fleet = { busy: 50 };
    const left = (workers: number) =>
      decide(viewOf({ fleet }), limitsOf({ budgetLeftUsd: workers * worker * 1.001 }), now);
    expect(left(20)).toMatchObject({ target: 20, surplus: 30, reason: { won: "budget" } });
    expect(left(0)).toMatchObject({ target: 0, surplus: 50, reason: { won: "budget" } });
  });

  it("counts the messages of other runs on a shared cluster", () => {
    const own = { remainingCalls: 10, callMs: { meanMs: 1_000, tailMs: 1_000 } };
    const alone = decide(viewOf({ work: own }), limitsOf(), now).target;
    const shared = decide(
      viewOf({ work: { ...own, otherRuns: { messages: 1_000, messageMs: 5_000 } } }),
      limitsOf(),
      now,
    );
    expect(shared.target).toBeGreaterThan(10 * alone);
  });

  it("keeps workers that are there while there are calls for them, though it would not start them", () => {
    const view = viewOf({ work: { remainingCalls: 20, runningCalls: 20 }, fleet: { busy: 20, idle: 5 } });
    expect(decide(view, limitsOf(), now)).toMatchObject({
      target: 20,
      surplus: 5,
      launch: 0,
      reason: { won: "already there" },
    });
  });
});
