import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateWork } from "../../src/adaptive/work-estimate.ts";
import { fleetWorth } from "../../src/adaptive/worth.ts";
import { fargatePrice, viewOf } from "./views.ts";

/** Cost x time of the fluid model, told directly: `there` work from now on, `more` arrive after S and bill S - 10 s of it. */
function product(given: Given, more: number): number {
  const { there, workMs, startUpMs, elapsedMs, spentMs, callMs } = given;
  const endsIn = (workMs + more * startUpMs) / (there + more);
  const cost = spentMs + workMs + more * (startUpMs - 10_000);
  return cost * (elapsedMs + endsIn + callMs / 2);
}

interface Given {
  readonly there: number;
  readonly workMs: number;
  readonly startUpMs: number;
  readonly elapsedMs: number;
  readonly spentMs: number;
  readonly callMs: number;
}

describe("the fleet that is worth its money", () => {
  it("has the least cost x time of all fleet sizes", () => {
    const given = fc.record({
      there: fc.integer({ min: 0, max: 50 }),
      calls: fc.integer({ min: 1_000, max: 20_000 }),
      callMs: fc.integer({ min: 100, max: 5_000 }),
      startUpMs: fc.integer({ min: 20_000, max: 90_000 }),
      elapsedMs: fc.integer({ min: 0, max: 1_000_000 }),
      spentMs: fc.integer({ min: 0, max: 10_000_000 }),
    });
    fc.assert(
      fc.property(given, ({ calls, ...rest }) => {
        const { there, callMs, startUpMs, elapsedMs, spentMs } = rest;
        const view = viewOf({
          work: { remainingCalls: calls, callMs: { meanMs: callMs, tailMs: callMs } },
          fleet: { busy: there },
          startUpMs,
          elapsedMs,
          spentWorkerMs: spentMs,
        });
        const { best } = fleetWorth(view, estimateWork(view), fargatePrice);
        fc.pre(best - there > 2);
        const found = { ...rest, workMs: calls * callMs };
        const least = product(found, best - there);
        expect(least).toBeLessThanOrEqual(product(found, (best - there) * 1.1) * (1 + 1e-9));
        expect(least).toBeLessThanOrEqual(product(found, (best - there) * 0.9) * (1 + 1e-9));
      }),
    );
  });

  it("lets each worker of a fresh burst work about as long as it takes to start", () => {
    const view = viewOf({ work: { remainingCalls: 10_000, callMs: { meanMs: 100, tailMs: 100 } } });
    const { best } = fleetWorth(view, estimateWork(view), fargatePrice);
    expect(1_000_000 / best).toBeGreaterThan(Math.sqrt(40_000 * 30_000) * 0.99);
    expect(1_000_000 / best).toBeLessThan(40_000);
  });

  it("is nobody new when those that are there are done before anybody could arrive", () => {
    const view = viewOf({ work: { remainingCalls: 10 }, fleet: { busy: 10 } });
    expect(fleetWorth(view, estimateWork(view), fargatePrice)).toEqual({ best: 0, paidMinute: 0 });
  });

  it("is smaller when the longest call sets the pace anyway", () => {
    const worthWithTail = (tailMs: number): number => {
      const view = viewOf({ work: { remainingCalls: 2_000, callMs: { meanMs: 8_000, tailMs } } });
      return fleetWorth(view, estimateWork(view), fargatePrice).best;
    };
    expect(worthWithTail(300_000)).toBeLessThan(worthWithTail(8_000) / 2);
  });
});
