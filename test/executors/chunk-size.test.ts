import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adviseChunkSize, targetChunkMs } from "../../src/executors/chunk-size.ts";

const advice = fc.record({
  callMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  resultBytes: fc.option(fc.double({ min: 1, max: 1e8, noNaN: true }), { nil: undefined }),
  remaining: fc.integer({ min: 1, max: 10_000_000 }),
  slots: fc.integer({ min: 1, max: 10_000 }),
});

describe("the advised chunk size", () => {
  it("is at least one call and never more than remain", () => {
    fc.assert(
      fc.property(advice, (given) => {
        const size = adviseChunkSize(given);
        expect(Number.isInteger(size)).toBe(true);
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(given.remaining);
      }),
    );
  });

  it("is one call while nothing is known", () => {
    expect(adviseChunkSize({ callMs: undefined, resultBytes: undefined, remaining: 1_000_000, slots: 2 })).toBe(1);
  });

  it("is one call for calls longer than the target", () => {
    expect(adviseChunkSize({ callMs: targetChunkMs + 1, resultBytes: 10, remaining: 1_000_000, slots: 2 })).toBe(1);
  });

  it("aims at the target time while much remains", () => {
    expect(adviseChunkSize({ callMs: 10, resultBytes: 10, remaining: 1_000_000, slots: 4 })).toBe(targetChunkMs / 10);
  });

  it("is a quarter of each slot's share when that is less, so that slots end together", () => {
    expect(adviseChunkSize({ callMs: 10, resultBytes: 10, remaining: 800, slots: 4 })).toBe(50);
    expect(adviseChunkSize({ callMs: 50, resultBytes: 10, remaining: 8, slots: 4 })).toBe(1);
  });

  it("does not shrink below what a message is worth for tiny calls", () => {
    expect(adviseChunkSize({ callMs: 0.001, resultBytes: 5, remaining: 60_000, slots: 4 })).toBe(20_000);
  });

  it("shrinks as less remains, all else equal", () => {
    fc.assert(
      fc.property(advice, fc.nat(), (given, more) => {
        const larger = adviseChunkSize({ ...given, remaining: given.remaining + more });
        expect(larger).toBeGreaterThanOrEqual(adviseChunkSize(given));
      }),
    );
  });

  it("keeps packs of large results within bounds", () => {
    expect(adviseChunkSize({ callMs: 0.1, resultBytes: 4 * 1024 * 1024, remaining: 100_000, slots: 1 })).toBe(2);
  });
});
