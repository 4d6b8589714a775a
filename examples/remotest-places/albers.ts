/**
 * The map's projection: Albers' equal-area conic on a sphere, with the parallels usual for the contiguous United States.
 * Equal area, so that each pixel of the map stands for as much land as any other. Formulas: Snyder, "Map Projections: A
 * Working Manual", USGS Professional Paper 1395, p. 100.
 */

import { EARTH_RADIUS_KM, RADIANS, type Vector } from "./sphere.ts";

/** Kilometres east and north of the projection's centre. */
export type PlanePoint = readonly [eastKm: number, northKm: number];

const CENTRE_LATITUDE = 37.5 * RADIANS;
const CENTRE_LONGITUDE = -96 * RADIANS;
const PARALLELS = [29.5 * RADIANS, 45.5 * RADIANS] as const;

const CONE = (Math.sin(PARALLELS[0]) + Math.sin(PARALLELS[1])) / 2;
const C = Math.cos(PARALLELS[0]) ** 2 + 2 * CONE * Math.sin(PARALLELS[0]);
const CENTRE_RHO = rhoOf(Math.sin(CENTRE_LATITUDE));

function rhoOf(sinLatitude: number): number {
  return (EARTH_RADIUS_KM * Math.sqrt(C - 2 * CONE * sinLatitude)) / CONE;
}

export function project(latitude: number, longitude: number): PlanePoint {
  const rho = rhoOf(Math.sin(latitude * RADIANS));
  const theta = CONE * (longitude * RADIANS - CENTRE_LONGITUDE);
  return [rho * Math.sin(theta), CENTRE_RHO - rho * Math.cos(theta)];
}

/** The point on the unit sphere that is drawn at this place of the map, written into `out`: this runs once per sample. */
export function unprojectInto(out: Vector, eastKm: number, northKm: number): void {
  const southKm = CENTRE_RHO - northKm;
  const rho = Math.hypot(eastKm, southKm);
  const z = (C - ((rho * CONE) / EARTH_RADIUS_KM) ** 2) / (2 * CONE);
  const equatorial = Math.sqrt(1 - z * z);
  const longitude = CENTRE_LONGITUDE + Math.atan2(eastKm, southKm) / CONE;
  out[0] = equatorial * Math.cos(longitude);
  out[1] = equatorial * Math.sin(longitude);
  out[2] = z;
}
