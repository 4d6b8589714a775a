/** Reads the data sets of the registry package `vega-datasets`. Only the driver does: a worker has no such disk. */

import { readFile } from "node:fs/promises";
import { merge, mesh } from "topojson-client";
import type { GeometryCollection, MultiPolygon, Polygon, Topology } from "topojson-specification";
import { project, type PlanePoint } from "./albers.ts";
import type { Outline } from "./land.ts";

/** A post office's area, one for each place: codes that share their coordinates count once. */
export interface PostalCode {
  readonly code: string;
  readonly city: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface CountryMap {
  /** The 48 states and the capital as one outline. */
  readonly outline: Outline;
  /** Borders between states, as lines on the map. */
  readonly borders: readonly (readonly PlanePoint[])[];
  /** Coasts and borders of the whole, as lines on the map. */
  readonly rims: readonly (readonly PlanePoint[])[];
}

type Us = Topology<{ states: GeometryCollection }>;

/** What is not one of the contiguous states: by the codes of the Census Bureau, and by postal abbreviation. */
const ELSEWHERE_FIPS = new Set([2, 15, 60, 66, 69, 72, 78]);
const ELSEWHERE_STATES = new Set(["AK", "HI", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"]);

/** Straight lines of the map file follow parallels; on the map those are arcs. */
const LONGEST_EDGE_DEGREES = 0.1;

/** Postal codes of the contiguous United States (GeoNames, CC BY 4.0). */
export async function loadPostalCodes(): Promise<readonly PostalCode[]> {
  const text = await readFile(fileOf("zipcodes.csv"), "utf8");
  const [, ...lines] = text.trimEnd().split("\n");
  const byPlace = new Map<string, PostalCode>();
  for (const line of lines) {
    const [code = "", latitude = "", longitude = "", city = "", state = ""] = line.trimEnd().split(",");
    const place = `${latitude},${longitude}`;
    if (ELSEWHERE_STATES.has(state) || byPlace.has(place)) continue;
    byPlace.set(place, { code, city, state, latitude: Number(latitude), longitude: Number(longitude) });
  }
  return [...byPlace.values()];
}

/** Latitude and longitude of each, one after the other: what the workers get. */
export function toDegrees(postalCodes: readonly PostalCode[]): Float64Array<ArrayBuffer> {
  return Float64Array.from(postalCodes.flatMap(({ latitude, longitude }) => [latitude, longitude]));
}

export async function loadCountryMap(): Promise<CountryMap> {
  // The package ships this file; its shape is TopoJSON's and is not worth a schema here.
  const us = JSON.parse(await readFile(fileOf("us-10m.json"), "utf8")) as Us;
  const geometries = us.objects.states.geometries.filter((state) => !ELSEWHERE_FIPS.has(Number(state.id)));
  const states = { type: "GeometryCollection" as const, geometries };
  const polygons = geometries.filter((one): one is Polygon | MultiPolygon => one.type !== null && "arcs" in one);
  const rims = merge(us, polygons).coordinates.flat().map(toPlane);
  return {
    outline: edgesOf(rims),
    borders: mesh(us, states, (a, b) => a !== b).coordinates.map(toPlane),
    rims,
  };
}

function fileOf(name: string): URL {
  return new URL(`../data/${name}`, import.meta.resolve("vega-datasets"));
}

function toPlane(line: readonly (readonly number[])[]): readonly PlanePoint[] {
  return line.flatMap(([longitude = NaN, latitude = NaN], i) => {
    const [toLongitude = longitude, toLatitude = latitude] = line[i + 1] ?? [];
    const parts = Math.max(1, Math.ceil(Math.abs(toLongitude - longitude) / LONGEST_EDGE_DEGREES));
    return Array.from({ length: parts }, (_, part) => {
      const share = part / parts;
      return project(latitude + share * (toLatitude - latitude), longitude + share * (toLongitude - longitude));
    });
  });
}

function edgesOf(rings: readonly (readonly PlanePoint[])[]): Outline {
  return Float64Array.from(rings.flatMap((ring) => ring.slice(1).flatMap((to, i) => [...(ring[i] ?? to), ...to])));
}
