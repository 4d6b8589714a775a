import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coverOf } from "../../src/executors/column-parts.ts";

const lists = fc.array(fc.oneof(fc.array(fc.nat(), { maxLength: 4 }), fc.nat()), { minLength: 1 });

describe("the lists that cover a range of flattened elements", () => {
  it("hold exactly those elements after the ones to pass over", () => {
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(), (items, a, b) => {
        const flat = items.flat();
        fc.pre(flat.length > 0);
        const start = a % flat.length;
        const end = start + 1 + (b % (flat.length - start));
        const lengths = items.map((item) => (Array.isArray(item) ? item.length : -1));
        const cover = coverOf(lengths, { start, end });
        const read = items.slice(cover.items.start, cover.items.end).flat();
        expect(read.slice(cover.skip, cover.skip + end - start)).toEqual(flat.slice(start, end));
      }),
    );
  });
});
