import fc from "fast-check";
import { expect, test } from "vitest";
import { project } from "../../../examples/remotest-places/albers.ts";
import { distancesOfTile, forEachSampleInside } from "../../../examples/remotest-places/distances.ts";
import type { Outline } from "../../../examples/remotest-places/land.ts";
import { cutIntoTiles, type MapGrid } from "../../../examples/remotest-places/map-grid.ts";
import { buildNearestIndex, type NearestIndex } from "../../../examples/remotest-places/nearest.ts";
import { greatCircleKm, squaredChord, toVector } from "../../../examples/remotest-places/sphere.ts";
import { joinTiles, pickSpots, type DistanceField } from "../../../examples/remotest-places/spots.ts";

/** About a thousand kilometres of land with a slanted coast, in a grid that reaches beyond it. */
const GRID: MapGrid = { leftKm: -550, topKm: 520, pixelKm: 25, width: 44, height: 41, samplesPerPixel: 3 };
const LAND: Outline = Float64Array.from(
  [
    [-500, -480, 470, -430],
    [470, -430, 390, 490],
    [390, 490, -510, 410],
    [-510, 410, -500, -480],
  ].flat(),
);
const place = fc.tuple(fc.double({ min: 33, max: 42, noNaN: true }), fc.double({ min: -102, max: -90, noNaN: true }));
const places = fc.array(place, { minLength: 1, maxLength: 40 });

function indexOf(given: readonly (readonly [number, number])[]): NearestIndex {
  return buildNearestIndex(Float64Array.from(given.flat()));
}

function measure(index: NearestIndex, tileSize: number): DistanceField {
  const tiles = cutIntoTiles(GRID, tileSize);
  return joinTiles(
    GRID,
    tiles,
    tiles.map((tile) => distancesOfTile(tile, GRID, LAND, index)),
  );
}

test("each sample of the land is visited once, however the map is cut", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (tileSize) => {
      const visits = new Map<string, number>();
      for (const tile of cutIntoTiles(GRID, tileSize)) {
        forEachSampleInside(tile, GRID, LAND, ({ column, row }) => {
          visits.set(`${column} ${row}`, (visits.get(`${column} ${row}`) ?? 0) + 1);
        });
      }
      expect([...visits.values()].every((times) => times === 1)).toBe(true);
      // The land measures about 937 by 900 km; a sample stands for 25 / 3 km squared.
      expect((visits.size * (25 / 3) ** 2) / (930 * 895)).toBeCloseTo(1, 1);
    }),
    { numRuns: 10 },
  );
});

test("distances and spots are the same to the last bit for tiles of any size", () => {
  const rules = { count: 5, apartKm: 80 };
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 50 }), (given, tileSize) => {
      const index = indexOf(given);
      const [whole, cut] = [measure(index, 64), measure(index, tileSize)];
      expect(cut).toEqual(whole);
      expect(pickSpots(cut, GRID, LAND, index, rules)).toEqual(pickSpots(whole, GRID, LAND, index, rules));
    }),
    { numRuns: 20 },
  );
});

test("a pixel tells the largest distance among its samples, and nothing where there is no land", () => {
  const home = [37.5, -96] as const;
  const field = measure(indexOf([home]), 16);
  expect(field[0]).toBeNaN();
  const [east, north] = project(...home);
  const [column, row] = [Math.floor((east - GRID.leftKm) / 25), Math.floor((GRID.topKm - north) / 25)];
  const atHome = field[row * GRID.width + column] ?? NaN;
  expect(atHome).toBeGreaterThan(0);
  expect(atHome).toBeLessThan(25 * Math.SQRT2);
  expect(field[row * GRID.width + column + 10]).toBeGreaterThan(225);
});

test("spots are the remotest pixels, remotest first, apart from each other, and as far as they say", () => {
  const rules = { count: 6, apartKm: 100 };
  fc.assert(
    fc.property(places, (given) => {
      const index = indexOf(given);
      const field = measure(index, 32);
      const spots = pickSpots(field, GRID, LAND, index, rules);
      expect(spots).toHaveLength(rules.count);
      expect(Math.fround(spots[0]?.distanceKm ?? NaN)).toBe(Math.max(...field.filter((km) => !Number.isNaN(km))));
      spots.forEach((spot, i) => {
        const at = toVector(spot.latitude, spot.longitude);
        const toEach = given.map((home) => greatCircleKm(squaredChord(at, toVector(...home))));
        expect(spot.distanceKm).toBeCloseTo(Math.min(...toEach), 6);
        expect(toEach[spot.nearestId]).toBeCloseTo(spot.distanceKm, 6);
        expect(spot.distanceKm).toBeLessThanOrEqual(spots[i - 1]?.distanceKm ?? Infinity);
        const others = spots.slice(0, i).map((other) => toVector(other.latitude, other.longitude));
        // Pixels are kept apart by their middles, from which a sample is half a diagonal away at most.
        const nearest = Math.min(...others.map((other) => greatCircleKm(squaredChord(at, other))));
        expect(nearest).toBeGreaterThan(rules.apartKm - 25 * Math.SQRT2 - 1);
      });
    }),
    { numRuns: 20 },
  );
});

test("where there is room for fewer spots than wanted, there are fewer", () => {
  const index = indexOf([[37.5, -96]]);
  expect(pickSpots(measure(index, 64), GRID, LAND, index, { count: 10, apartKm: 5000 })).toHaveLength(1);
});
