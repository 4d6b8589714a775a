import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cutIntoTiles,
  firstSampleColumnFrom,
  sampleEastKm,
  sampleNorthKm,
  type MapGrid,
} from "../../../examples/remotest-places/map-grid.ts";

const side = fc.integer({ min: 1, max: 60 });
const grids = fc.record({
  leftKm: fc.integer({ min: -3000, max: 3000 }),
  topKm: fc.integer({ min: -3000, max: 3000 }),
  pixelKm: fc.constantFrom(0.5, 3, 10),
  width: side,
  height: side,
  samplesPerPixel: fc.integer({ min: 1, max: 12 }),
});

test("tiles of any size cover each pixel once and none outside", () => {
  fc.assert(
    fc.property(grids, fc.integer({ min: 1, max: 80 }), (grid: MapGrid, size) => {
      const covered = new Uint8Array(grid.width * grid.height);
      for (const tile of cutIntoTiles(grid, size)) {
        expect(tile.column + tile.width).toBeLessThanOrEqual(grid.width);
        expect(tile.row + tile.height).toBeLessThanOrEqual(grid.height);
        for (let i = 0; i < tile.width * tile.height; i++) {
          const [column, row] = [tile.column + (i % tile.width), tile.row + Math.floor(i / tile.width)];
          covered[row * grid.width + column] = (covered[row * grid.width + column] ?? 0) + 1;
        }
      }
      expect(covered.every((times) => times === 1)).toBe(true);
    }),
  );
});

test("samples are evenly spaced and lie inside their pixel", () => {
  const grid: MapGrid = { leftKm: -100, topKm: 50, pixelKm: 3, width: 4, height: 4, samplesPerPixel: 3 };
  expect([0, 1, 2, 3].map((column) => sampleEastKm(grid, column))).toEqual([-99.5, -98.5, -97.5, -96.5]);
  expect([0, 3].map((row) => sampleNorthKm(grid, row))).toEqual([49.5, 46.5]);
});

test("the first sample from a place on is not west of it, and the one before is", () => {
  fc.assert(
    fc.property(grids, fc.double({ min: -3000, max: 3000, noNaN: true }), (grid: MapGrid, eastKm) => {
      const column = firstSampleColumnFrom(grid, eastKm);
      expect(sampleEastKm(grid, column)).toBeGreaterThanOrEqual(eastKm - 1e-6);
      expect(sampleEastKm(grid, column - 1)).toBeLessThan(eastKm + 1e-6);
    }),
  );
});
