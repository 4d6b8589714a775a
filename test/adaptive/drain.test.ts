import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreeToShrink, chooseDrains, paidUntil, type ShrinkVotes } from "../../src/adaptive/drain.ts";

const anyWorkers = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 1_000_000 }).map(String),
    idleSince: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
    paidUntil: fc.integer({ min: 0, max: 200_000 }),
  }),
  { selector: ({ id }) => id, maxLength: 200 },
);

describe("choosing the workers that leave", () => {
  it("never chooses a busy one, nor more than are too many (R1, I6)", () => {
    fc.assert(
      fc.property(anyWorkers, fc.integer({ min: 0, max: 300 }), fc.boolean(), (workers, surplus, moreWork) => {
        const chosen = chooseDrains(workers, { surplus, moreWork, now: 100_000, intervalMs: 1_000 });
        expect(chosen.length).toBeLessThanOrEqual(surplus);
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const id of chosen) expect(workers.find((worker) => worker.id === id)?.idleSince).toBeDefined();
      }),
    );
  });

  it("takes the longest idle first (R3)", () => {
    const workers = [30, 10, 20].map((idleSince) => ({ id: String(idleSince), idleSince, paidUntil: 0 }));
    expect(chooseDrains(workers, { surplus: 2, moreWork: true, now: 100, intervalMs: 1 })).toEqual(["10", "20"]);
  });

  it("lets a worker use up its paid minute while there is work, and not longer (R2)", () => {
    const workers = [{ id: "a", idleSince: 0, paidUntil: paidUntil(10_000, 60_000, 50_000) }];
    const drains = (now: number, moreWork: boolean) =>
      chooseDrains(workers, { surplus: 1, moreWork, now, intervalMs: 1_000 });
    expect(drains(50_000, true)).toEqual([]);
    expect(drains(69_000, true)).toEqual(["a"]);
    expect(drains(50_000, false)).toEqual(["a"]);
  });

  it("shrinks only by what the last rounds agree on", () => {
    let votes: ShrinkVotes = [];
    const rounds = [5, 3, 4, 6, 0, 7, 7, 7].map((surplus) => {
      const agreed = agreeToShrink(votes, surplus, 3);
      ({ votes } = agreed);
      return agreed.surplus;
    });
    expect(rounds).toEqual([0, 0, 3, 3, 0, 0, 0, 7]);
  });
});
