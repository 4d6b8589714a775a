/** The work of one piece: how far every sample of a tile is from its nearest point. */

import { unprojectInto } from "./albers.ts";
import { edgesBetween, spansInside, type Outline } from "./land.ts";
import { firstSampleColumnFrom, sampleEastKm, sampleNorthKm, type MapGrid, type Tile } from "./map-grid.ts";
import { NearestSearch, type NearestIndex } from "./nearest.ts";
import { greatCircleKm, type Vector } from "./sphere.ts";

/** Kilometres by pixel of the tile, row by row: the largest distance among the pixel's samples, NaN where none is inside. */
export type TileDistances = Float32Array;

/** A sample inside the outline. `at` is reused from one sample to the next. */
interface Sample {
  column: number;
  row: number;
  readonly at: Vector;
}

export function distancesOfTile(tile: Tile, grid: MapGrid, outline: Outline, index: NearestIndex): TileDistances {
  const search = new NearestSearch(index);
  const chord2 = new Float64Array(tile.width * tile.height).fill(NaN);
  forEachSampleInside(tile, grid, outline, (sample) => {
    const found = search.find(sample.at).chord2;
    const column = Math.floor(sample.column / grid.samplesPerPixel) - tile.column;
    const row = Math.floor(sample.row / grid.samplesPerPixel) - tile.row;
    const pixel = row * tile.width + column;
    if (!(found <= (chord2[pixel] ?? NaN))) chord2[pixel] = found;
  });
  return Float32Array.from(chord2, greatCircleKm);
}

/** Visits samples in the tile, north to south and west to east. */
export function forEachSampleInside(
  tile: Tile,
  grid: MapGrid,
  outline: Outline,
  visit: (sample: Readonly<Sample>) => void,
): void {
  const per = grid.samplesPerPixel;
  const [firstRow, endRow] = [tile.row * per, (tile.row + tile.height) * per];
  const edges = edgesBetween(outline, sampleNorthKm(grid, endRow), sampleNorthKm(grid, firstRow - 1));
  const sample: Sample = { column: 0, row: 0, at: [0, 0, 0] };
  for (sample.row = firstRow; sample.row < endRow; sample.row++) {
    const northKm = sampleNorthKm(grid, sample.row);
    const spans = spansInside(edges, northKm);
    for (let i = 0; i + 1 < spans.length; i += 2) {
      const start = Math.max(firstSampleColumnFrom(grid, spans[i] ?? NaN), tile.column * per);
      const end = Math.min(firstSampleColumnFrom(grid, spans[i + 1] ?? NaN), (tile.column + tile.width) * per);
      for (sample.column = start; sample.column < end; sample.column++) {
        unprojectInto(sample.at, sampleEastKm(grid, sample.column), northKm);
        visit(sample);
      }
    }
  }
}
