/** From the distances of all tiles to the answer: the remotest places, none too close to a remoter one. */

import { forEachSampleInside, type TileDistances } from "./distances.ts";
import type { Outline } from "./land.ts";
import { pixelCentre, type MapGrid, type Tile } from "./map-grid.ts";
import { NearestSearch, type NearestIndex } from "./nearest.ts";
import { greatCircleKm, squaredChord, toCoordinates, type Coordinates, type Vector } from "./sphere.ts";

export interface Spot extends Coordinates {
  readonly distanceKm: number;
  /** Which of the points that the index was built of is the nearest. */
  readonly nearestId: number;
}

/** Kilometres by pixel of the grid, row by row; NaN outside the country. */
export type DistanceField = Float32Array;

export interface SpotRules {
  readonly count: number;
  /** Pixels whose middle is nearer than this to a spot are no spot of their own. */
  readonly apartKm: number;
}

export const TEN_REMOTEST: SpotRules = { count: 10, apartKm: 100 };

export function joinTiles(grid: MapGrid, tiles: readonly Tile[], parts: readonly TileDistances[]): DistanceField {
  const field = new Float32Array(grid.width * grid.height).fill(NaN);
  tiles.forEach((tile, i) => {
    const part = parts[i] ?? new Float32Array(0);
    for (let row = 0; row < tile.height; row++) {
      const line = part.subarray(row * tile.width, (row + 1) * tile.width);
      field.set(line, (tile.row + row) * grid.width + tile.column);
    }
  });
  return field;
}

/** Remotest first. Depends on the field alone, not on how it was cut into tiles. */
export function pickSpots(
  field: DistanceField,
  grid: MapGrid,
  outline: Outline,
  index: NearestIndex,
  rules: SpotRules,
): readonly Spot[] {
  const spots: Spot[] = [];
  const taken: Vector[] = [];
  for (const pixel of remotestFirst(field)) {
    if (spots.length === rules.count) break;
    const [column, row] = [pixel % grid.width, Math.floor(pixel / grid.width)];
    const centre = pixelCentre(grid, column, row);
    if (taken.some((other) => greatCircleKm(squaredChord(centre, other)) < rules.apartKm)) continue;
    taken.push(centre);
    spots.push(remotestSample({ column, row, width: 1, height: 1 }, grid, outline, index));
  }
  return spots;
}

function remotestFirst(field: DistanceField): readonly number[] {
  const inside = Array.from(field.keys()).filter((pixel) => !Number.isNaN(field[pixel]));
  return inside.sort((a, b) => (field[b] ?? 0) - (field[a] ?? 0) || a - b);
}

/** Looks at the samples of one pixel again: the tiles tell how far, not where. */
function remotestSample(pixel: Tile, grid: MapGrid, outline: Outline, index: NearestIndex): Spot {
  const search = new NearestSearch(index);
  let best = { chord2: -1, position: 0, coordinates: { latitude: NaN, longitude: NaN } };
  forEachSampleInside(pixel, grid, outline, ({ at }) => {
    const found = search.find(at);
    if (found.chord2 > best.chord2) best = { ...found, coordinates: toCoordinates(at) };
  });
  return { ...best.coordinates, distanceKm: greatCircleKm(best.chord2), nearestId: search.idAt(best.position) };
}
