/**
 * Where in the contiguous United States is it furthest to the nearest postal code?
 *
 * A task makes a search index of the postal codes; a mapped task takes each tile of the map and measures every 250 m in it;
 * two more join the tiles and pick the remotest spots. Everything that a task needs comes as an argument: a worker may be
 * a container on another continent, without this machine's files.
 */

import * as z from "zod";
import { flow, task, unmapped } from "../../src/index.ts";
import { distancesOfTile } from "./distances.ts";
import { cutIntoTiles } from "./map-grid.ts";
import { buildNearestIndex } from "./nearest.ts";
import { joinTiles, pickSpots } from "./spots.ts";

const buildIndex = task("build-index", buildNearestIndex);
const cutTiles = task("cut-tiles", cutIntoTiles);
const measureTile = task("measure-tile", distancesOfTile);
const joinField = task("join-tiles", joinTiles);
const pickRemotest = task("pick-spots", pickSpots);

const parameters = z.object({
  /** Latitude and longitude of each postal code, one after the other, in degrees. */
  postalCodes: z.instanceof(Float64Array),
  /** Edges of the country's outline, in kilometres on the map. */
  outline: z.instanceof(Float64Array),
  grid: z.object({
    leftKm: z.number(),
    topKm: z.number(),
    pixelKm: z.number().positive(),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    samplesPerPixel: z.number().int().positive(),
  }),
  /** Pixels along the side of a tile; each tile is a call. */
  tileSize: z.number().int().positive().default(64),
  rules: z.object({ count: z.number().int().positive(), apartKm: z.number().nonnegative() }),
});

export const remotestPlaces = flow(
  "remotest-places",
  { parameters },
  ({ postalCodes, outline, grid, tileSize, rules }) => {
    const index = buildIndex(postalCodes);
    const tiles = cutTiles(grid, tileSize);
    const distances = measureTile.map(tiles, unmapped(grid), unmapped(outline), unmapped(index));
    const field = joinField(grid, tiles, distances);
    return { field, spots: pickRemotest(field, grid, outline, index, rules) };
  },
);
