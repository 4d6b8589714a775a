import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallIndices, countCalls, joinRanges, rangesWithin } from "../../src/wire/call-ranges.ts";
import { hullOfPackKey, packKey, rangesName } from "../../src/wire/keys.ts";

const indices = fc.uniqueArray(fc.nat({ max: 200 }), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));
const rangesOf = (list: readonly number[]) => joinRanges(list.map((start) => ({ start, end: start + 1 })));

describe("ranges of calls", () => {
  it("are as few as can be, and tell index from position and back", () => {
    fc.assert(
      fc.property(indices, (list) => {
        const ranges = rangesOf([...list].reverse());
        const calls = new CallIndices(ranges);
        expect(countCalls(ranges)).toBe(list.length);
        expect(list.map((_, position) => calls.at(position))).toEqual(list);
        expect(list.map((index) => calls.positionOf(index))).toEqual(list.map((_, position) => position));
        for (const [at, { start }] of ranges.entries()) expect(start).toBeGreaterThan(ranges[at - 1]?.end ?? -1);
      }),
    );
  });

  it("are cut at the ends of another range, each with the position of its first call", () => {
    fc.assert(
      fc.property(indices, fc.nat({ max: 200 }), fc.nat({ max: 200 }), (list, one, other) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        const told = rangesWithin(rangesOf(list), { start, end }).flatMap((range) =>
          Array.from({ length: range.end - range.start }, (_, at) => [range.start + at, range.position + at]),
        );
        expect(told).toEqual(
          [...list.entries()].flatMap(([at, index]) => (index < start || index >= end ? [] : [[index, at]])),
        );
      }),
    );
  });

  it("name the place of their results by themselves alone, others another place (I3)", () => {
    fc.assert(
      fc.property(indices, indices, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(packKey("r", "inc", rangesOf(one)) === packKey("r", "inc", rangesOf(other))).toBe(same);
        expect(packKey("r", "inc", rangesOf(one))).toBe(packKey("r", "inc", rangesOf([...one])));
      }),
    );
  });

  it("are named by their first and last call, and by a hash only where there are gaps", () => {
    expect(packKey("r", "inc", [{ start: 3, end: 12 }])).toBe("runs/r/out/inc/0000000003-0000000012.pack");
    expect(packKey("r", "inc", rangesOf([3, 5]))).toMatch(/\/0000000003-0000000006-[0-9a-f]{16}\.pack$/);
    expect(packKey("r", "inc", null)).toBe("runs/r/out/inc/single.pack");
    expect(hullOfPackKey(packKey("r", "inc", [{ start: 3, end: 12 }]))).toEqual({ start: 3, end: 12 });
    expect(hullOfPackKey(packKey("r", "inc", rangesOf([3, 5])))).toEqual({ start: 3, end: 6 });
    expect(hullOfPackKey(packKey("r", "inc", null))).toBeUndefined();
    expect(rangesName([{ start: 3, end: 12 }])).toBe("3-12");
  });
});
