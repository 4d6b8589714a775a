/** The map as a raster of square pixels, each of them probed at a fine grid of samples, and cut into tiles of whole pixels. */

import { unprojectInto } from "./albers.ts";
import type { Vector } from "./sphere.ts";

export interface MapGrid {
  /** Left edge of the raster, kilometres east of the projection's centre. */
  readonly leftKm: number;
  /** Upper edge, kilometres north of the projection's centre. */
  readonly topKm: number;
  readonly pixelKm: number;
  readonly width: number;
  readonly height: number;
  /** Samples along a pixel's side. */
  readonly samplesPerPixel: number;
}

/** A rectangle of pixels. */
export interface Tile {
  readonly column: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
}

/** Tiles of at most `size` x `size` pixels that cover each pixel of the grid once, row by row. */
export function cutIntoTiles(grid: MapGrid, size: number): readonly Tile[] {
  const columns = Math.ceil(grid.width / size);
  const rows = Math.ceil(grid.height / size);
  return Array.from({ length: columns * rows }, (_, i) => {
    const column = (i % columns) * size;
    const row = Math.floor(i / columns) * size;
    return { column, row, width: Math.min(size, grid.width - column), height: Math.min(size, grid.height - row) };
  });
}

export function sampleEastKm(grid: MapGrid, sampleColumn: number): number {
  return grid.leftKm + ((sampleColumn + 0.5) * grid.pixelKm) / grid.samplesPerPixel;
}

export function sampleNorthKm(grid: MapGrid, sampleRow: number): number {
  return grid.topKm - ((sampleRow + 0.5) * grid.pixelKm) / grid.samplesPerPixel;
}

/** First sample column whose middle is at `eastKm` or further east. */
export function firstSampleColumnFrom(grid: MapGrid, eastKm: number): number {
  return Math.ceil(((eastKm - grid.leftKm) * grid.samplesPerPixel) / grid.pixelKm - 0.5);
}

/** Where the middle of a pixel lies on the Earth. */
export function pixelCentre(grid: MapGrid, column: number, row: number): Vector {
  const centre: Vector = [0, 0, 0];
  unprojectInto(centre, grid.leftKm + (column + 0.5) * grid.pixelKm, grid.topKm - (row + 0.5) * grid.pixelKm);
  return centre;
}

/** The 48 states and the capital, with some sea around them: 3 km for a pixel, 250 m from sample to sample. */
export const CONTIGUOUS_STATES: MapGrid = {
  leftKm: -2400,
  topKm: 1590,
  pixelKm: 3,
  width: 1560,
  height: 980,
  samplesPerPixel: 12,
};
