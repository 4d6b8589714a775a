import { expect, test } from "vitest";
import { loadCountryMap, loadPostalCodes, toDegrees } from "../../../examples/remotest-places/data.ts";
import { spansInside } from "../../../examples/remotest-places/land.ts";
import { CONTIGUOUS_STATES as grid } from "../../../examples/remotest-places/map-grid.ts";

test("the postal codes are those of the 48 states and the capital, one for each place", async () => {
  const postalCodes = await loadPostalCodes();
  expect(postalCodes.length).toBeGreaterThan(30_000);
  expect(new Set(postalCodes.map(({ state }) => state)).size).toBe(49);
  expect(new Set(postalCodes.map(({ latitude, longitude }) => `${latitude} ${longitude}`)).size).toBe(
    postalCodes.length,
  );
  expect(postalCodes.find(({ code }) => code === "10001")).toMatchObject({ city: "New York", state: "NY" });
  const degrees = toDegrees(postalCodes);
  expect(degrees).toHaveLength(2 * postalCodes.length);
  expect(degrees.every(Number.isFinite)).toBe(true);
});

test("the outline holds as much land as the country has, and all of it is on the map", async () => {
  const { outline, borders, rims } = await loadCountryMap();
  const stepKm = 5;
  let areaKm2 = 0;
  for (let north = grid.topKm - grid.height * grid.pixelKm; north < grid.topKm; north += stepKm) {
    const spans = spansInside(outline, north);
    areaKm2 += spans.reduce((sum, east, i) => sum + (i % 2 === 0 ? -east : east), 0) * stepKm;
  }
  // Census Bureau, 48 states and DC: 7.66 million square kilometres of land, 8.08 with all waters, the Great Lakes too.
  expect(areaKm2 / 1e6).toBeGreaterThan(7.66);
  expect(areaKm2 / 1e6).toBeLessThan(8.08);
  for (const [eastKm, northKm] of [...borders, ...rims].flat()) {
    expect(Math.abs(eastKm - grid.leftKm - (grid.width * grid.pixelKm) / 2)).toBeLessThan(
      (grid.width * grid.pixelKm) / 2,
    );
    expect(Math.abs(grid.topKm - northKm - (grid.height * grid.pixelKm) / 2)).toBeLessThan(
      (grid.height * grid.pixelKm) / 2,
    );
  }
});
