import fc from "fast-check";
import { expect, test } from "vitest";
import { buildNearestIndex, NearestSearch } from "../../../examples/remotest-places/nearest.ts";
import { squaredChord, toVector } from "../../../examples/remotest-places/sphere.ts";

/** Coarse, so that points fall on each other and on the planes that split the tree. */
const place = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));
const finePlace = fc.tuple(
  fc.double({ min: -90, max: 90, noNaN: true }),
  fc.double({ min: -180, max: 180, noNaN: true }),
);

test.each([
  ["scattered over the Earth", finePlace],
  ["on a coarse grid", place],
])("among points %s the search finds what looking at each of them finds", (_, arbitrary) => {
  const points = fc.array(arbitrary, { minLength: 1, maxLength: 200 });
  const targets = fc.array(arbitrary, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(points, targets, (given, wanted) => {
      const search = new NearestSearch(buildNearestIndex(Float64Array.from(given.flat())));
      for (const target of wanted.map((at) => toVector(...at))) {
        const found = search.find(target);
        const all = given.map((at) => squaredChord(target, toVector(...at)));
        expect(found.chord2).toBeCloseTo(Math.min(...all), 15);
        expect(all[search.idAt(found.position)]).toBeCloseTo(found.chord2, 15);
      }
    }),
  );
});

test("each point is in the index once", () => {
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 300 }), (given) => {
      const { ids } = buildNearestIndex(Float64Array.from(given.flat()));
      expect([...ids].sort((a, b) => a - b)).toEqual(given.map((_, id) => id));
    }),
  );
});
