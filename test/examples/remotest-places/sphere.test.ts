import fc from "fast-check";
import { expect, test } from "vitest";
import { project, unprojectInto } from "../../../examples/remotest-places/albers.ts";
import {
  EARTH_RADIUS_KM,
  greatCircleKm,
  RADIANS,
  squaredChord,
  toCoordinates,
  toVector,
  type Vector,
} from "../../../examples/remotest-places/sphere.ts";

const latitude = fc.double({ min: 24, max: 50, noNaN: true });
const longitude = fc.double({ min: -125, max: -66, noNaN: true });

function distanceKm(from: readonly [number, number], to: readonly [number, number]): number {
  return greatCircleKm(squaredChord(toVector(...from), toVector(...to)));
}

test("from the pole to the equator it is a quarter of the Earth's circumference, to the antipode a half", () => {
  expect(distanceKm([90, 0], [0, 77])).toBeCloseTo((Math.PI / 2) * EARTH_RADIUS_KM, 6);
  expect(distanceKm([40, -100], [-40, 80])).toBeCloseTo(Math.PI * EARTH_RADIUS_KM, 3);
});

test("New York and San Francisco are 4,129 km apart", () => {
  expect(distanceKm([40.7128, -74.006], [37.7749, -122.4194])).toBeCloseTo(4129, 0);
});

test("a degree of longitude is as long as the cosine of its latitude says", () => {
  fc.assert(
    fc.property(latitude, longitude, (lat, lon) => {
      const expected = 1e-3 * RADIANS * EARTH_RADIUS_KM * Math.cos(lat * RADIANS);
      expect(distanceKm([lat, lon], [lat, lon + 1e-3])).toBeCloseTo(expected, 5);
    }),
  );
});

test("coordinates survive the way to a vector and back", () => {
  fc.assert(
    fc.property(latitude, longitude, (lat, lon) => {
      const back = toCoordinates(toVector(lat, lon));
      expect(back.latitude).toBeCloseTo(lat, 9);
      expect(back.longitude).toBeCloseTo(lon, 9);
    }),
  );
});

test("the projection puts 35° N 75° W where Snyder's worked example has it", () => {
  // USGS Professional Paper 1395, p. 291: unit sphere, parallels 29.5° and 45.5°, origin 23° N 96° W.
  const [east, north] = project(35, -75);
  const [, origin] = project(23, -96);
  expect(east / EARTH_RADIUS_KM).toBeCloseTo(0.295272, 6);
  expect((north - origin) / EARTH_RADIUS_KM).toBeCloseTo(0.2416774, 6);
});

test("a point of the map is unprojected to where it was projected from", () => {
  fc.assert(
    fc.property(latitude, longitude, (lat, lon) => {
      const at: Vector = [0, 0, 0];
      unprojectInto(at, ...project(lat, lon));
      expect(greatCircleKm(squaredChord(at, toVector(lat, lon)))).toBeLessThan(1e-4);
    }),
  );
});

test("equal areas of the Earth are equal areas of the map", () => {
  fc.assert(
    fc.property(latitude, longitude, (lat, lon) => {
      const size = 0.01;
      const [west, south] = project(lat, lon);
      const [alongX, alongY] = project(lat, lon + size);
      const [upX, upY] = project(lat + size, lon);
      const onMap = (alongX - west) * (upY - south) - (alongY - south) * (upX - west);
      const onEarth =
        EARTH_RADIUS_KM ** 2 * size * RADIANS * (Math.sin((lat + size) * RADIANS) - Math.sin(lat * RADIANS));
      expect(onMap / onEarth).toBeCloseTo(1, 3);
    }),
  );
});
