import fc from "fast-check";
import { expect, test } from "vitest";
import { edgesBetween, spansInside, type Outline } from "../../../examples/remotest-places/land.ts";

type Point = readonly [number, number];

function outlineOf(...rings: readonly (readonly Point[])[]): Outline {
  return Float64Array.from(
    rings.flatMap((ring) => ring.flatMap((from, i) => [...from, ...(ring[i + 1] ?? ring[0] ?? from)])),
  );
}

const SQUARE: readonly Point[] = [
  [0, 0],
  [10, 0],
  [10, 10],
  [0, 10],
];
const HOLE: readonly Point[] = [
  [4, 4],
  [6, 4],
  [6, 6],
  [4, 6],
];

test("a line through a square is inside from side to side, and nowhere above or below it", () => {
  expect(spansInside(outlineOf(SQUARE), 5)).toEqual([0, 10]);
  expect(spansInside(outlineOf(SQUARE), -1)).toEqual([]);
  expect(spansInside(outlineOf(SQUARE), 11)).toEqual([]);
});

test("a lake is outside", () => {
  expect(spansInside(outlineOf(SQUARE, HOLE), 5)).toEqual([0, 4, 6, 10]);
  expect(spansInside(outlineOf(SQUARE, HOLE), 3)).toEqual([0, 10]);
});

test("a line through a vertex is inside once", () => {
  const diamond: readonly Point[] = [
    [0, 5],
    [5, 0],
    [10, 5],
    [5, 10],
  ];
  expect(spansInside(outlineOf(diamond), 5)).toEqual([0, 10]);
});

test("whatever closed rings there are, a line enters as often as it leaves, from west to east", () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
  const ring = fc.array(point, { minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(fc.array(ring, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 12 }), (rings, half) => {
      const spans = spansInside(outlineOf(...rings), half / 2);
      expect(spans.length % 2).toBe(0);
      expect([...spans].sort((a, b) => a - b)).toEqual(spans);
    }),
  );
});

test("edges outside a band are left out and change nothing inside it", () => {
  const outline = outlineOf(SQUARE, HOLE);
  const band = edgesBetween(outline, 6.5, 8);
  expect(band).toHaveLength(8);
  expect(spansInside(band, 7)).toEqual(spansInside(outline, 7));
});
