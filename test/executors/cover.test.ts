import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coverOf } from "../../src/executors/column-parts.ts";
import type { CallRange } from "../../src/wire/call-ranges.ts";
import { picked } from "../../src/wire/picks.ts";

/** Up to four ranges with gaps between them, from as many pairs of numbers. */
const steps = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })), { minLength: 1, maxLength: 4 });

function rangesWithin(length: number, pairs: readonly (readonly [number, number])[]): CallRange[] {
  const ranges: CallRange[] = [];
  let next = 0;
  for (const [gap, more] of pairs) {
    const start = next + gap + (ranges.length > 0 ? 1 : 0);
    const end = Math.min(length, start + 1 + more);
    if (start < end) ranges.push({ start, end });
    next = end;
  }
  return ranges;
}

const lists = fc.array(fc.oneof(fc.array(fc.nat(), { maxLength: 4 }), fc.nat()), { minLength: 1 });

describe("the lists that cover ranges of flattened elements", () => {
  it("hold exactly those elements, and tell which of theirs they are", () => {
    fc.assert(
      fc.property(lists, steps, (items, pairs) => {
        const flat = items.flat();
        const ranges = rangesWithin(flat.length, pairs);
        fc.pre(ranges.length > 0);
        const lengths = items.map((item) => (Array.isArray(item) ? item.length : -1));
        const cover = coverOf(lengths, ranges);
        const read = cover.items.flatMap(({ start, end }) => items.slice(start, end)).flat();
        expect(picked(read, cover.picks)).toEqual(ranges.flatMap(({ start, end }) => flat.slice(start, end)));
      }),
    );
  });
});
