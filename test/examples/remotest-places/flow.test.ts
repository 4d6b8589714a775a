import { expect, test } from "vitest";
import { loadCountryMap, loadPostalCodes, toDegrees } from "../../../examples/remotest-places/data.ts";
import { distancesOfTile } from "../../../examples/remotest-places/distances.ts";
import { remotestPlaces } from "../../../examples/remotest-places/flow.ts";
import { CONTIGUOUS_STATES, type MapGrid } from "../../../examples/remotest-places/map-grid.ts";
import { buildNearestIndex } from "../../../examples/remotest-places/nearest.ts";
import { pickSpots, TEN_REMOTEST as rules } from "../../../examples/remotest-places/spots.ts";
import { LocalExecutor } from "../../../src/index.ts";

/** The demo's map with pixels ten times as large and one sample in each. */
const grid: MapGrid = { ...CONTIGUOUS_STATES, pixelKm: 30, width: 156, height: 98, samplesPerPixel: 1 };

test("the flow finds in tiles what a single look at the whole map finds", async () => {
  const [postalCodes, { outline }] = [toDegrees(await loadPostalCodes()), await loadCountryMap()];
  const parameters = { postalCodes, outline, grid, rules, tileSize: 20 };
  const state = await remotestPlaces.run({ parameters, executor: new LocalExecutor() });
  expect(state.kind).toBe("Success");

  const index = buildNearestIndex(postalCodes);
  const field = distancesOfTile({ column: 0, row: 0, width: 156, height: 98 }, grid, outline, index);
  expect(state.result.field).toEqual(field);
  expect(state.result.spots).toEqual(pickSpots(field, grid, outline, index, rules));
  expect(state.result.spots).toHaveLength(10);
});

test("a grid that makes no sense is refused before anything runs, with the parameter's name", async () => {
  const parameters = { postalCodes: new Float64Array(2), outline: new Float64Array(0), grid, rules, tileSize: 0 };
  await expect(remotestPlaces.run({ parameters })).rejects.toThrow(/tileSize/u);
});
