import { crc32, inflateSync } from "node:zlib";
import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import { project } from "../../../examples/remotest-places/albers.ts";
import { PALETTE, paletteIndex } from "../../../examples/remotest-places/colour-scale.ts";
import type { MapGrid } from "../../../examples/remotest-places/map-grid.ts";
import { drawPicture } from "../../../examples/remotest-places/picture.ts";
import { encodeIndexedPng, type Colour } from "../../../examples/remotest-places/png.ts";
import { TEN_REMOTEST } from "../../../examples/remotest-places/spots.ts";
import { formatSpotTable } from "../../../examples/remotest-places/spot-table.ts";

const SPOTS = [
  { latitude: 31.9474, longitude: -113.0371, distanceKm: 107.93, nearestId: 1 },
  { latitude: 42.0646, longitude: -118.9581, distanceKm: 96.5, nearestId: 0 },
];
const CODES = [
  { code: "96115", city: "Lake & City", state: "CA", latitude: 41.6, longitude: -120.2 },
  { code: "85333", city: "Dateland", state: "AZ", latitude: 32.8, longitude: -113.5 },
];

interface PngParts {
  readonly signature: string;
  readonly chunks: ReadonlyMap<string, Buffer>;
}

/** Reads a PNG as the specification says, checking each chunk's sum. */
function readPng(file: Buffer): PngParts {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString("latin1", 0, 4), body.subarray(4));
    at += 12 + length;
  }
  return { signature: file.subarray(0, 8).toString("latin1"), chunks };
}

/** Elements that are still open at the end, or that were closed out of turn. */
function openTags(svg: string): readonly string[] {
  const open: string[] = [];
  for (const [, closes, name = "", closed] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/gu)) {
    if (closes !== "/") open.push(name);
    else if (open.at(-1) !== name) return [...open, `/${name}`];
    if (closes === "/" || closed === "/") open.pop();
  }
  return open;
}

test("a PNG holds its size, its colours and its pixels", () => {
  const palette: readonly Colour[] = [
    [0, 0, 0, 0],
    [255, 128, 1, 255],
  ];
  const { signature, chunks } = readPng(encodeIndexedPng(3, 2, Uint8Array.from([0, 1, 1, 1, 0, 0]), palette));
  expect(signature).toBe("\u0089PNG\r\n\u001a\n");
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
  expect([...(chunks.get("IHDR") ?? [])]).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0]);
  expect([...(chunks.get("PLTE") ?? [])]).toEqual([0, 0, 0, 255, 128, 1]);
  expect([...(chunks.get("tRNS") ?? [])]).toEqual([0, 255]);
  expect([...inflateSync(chunks.get("IDAT") ?? Buffer.alloc(0))]).toEqual([0, 0, 1, 1, 0, 1, 0, 0]);
});

test("the further, the lighter, and the sea is transparent", () => {
  expect(PALETTE).toHaveLength(256);
  expect(PALETTE[paletteIndex(NaN, 100)]?.[3]).toBe(0);
  expect([paletteIndex(0, 100), paletteIndex(100, 100), paletteIndex(130, 100)]).toEqual([1, 255, 255]);
  // Neighbours differ by less than their rounding.
  const steps = PALETTE.filter((_, i) => i % 8 === 1);
  const lightness = steps.map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue);
  expect(lightness).toEqual(lightness.toSorted((a, b) => a - b));
});

test("the picture is well-formed, names each spot, and marks it where it is", () => {
  const grid: MapGrid = { leftKm: -2400, topKm: 1590, pixelKm: 30, width: 156, height: 98, samplesPerPixel: 1 };
  const field = new Float32Array(156 * 98).fill(NaN).fill(40, 5000, 9000);
  const country = { outline: new Float64Array(0), borders: [[project(40, -100), project(41, -100)]], rims: [] };
  const svg = drawPicture({ grid, field, spots: SPOTS, rules: TEN_REMOTEST, country, postalCodes: CODES });
  expect(openTags(svg)).toEqual([]);
  expect(svg).not.toMatch(/&(?!amp;|lt;)/u);
  const words = JSON.stringify(new XMLParser().parse(svg));
  for (const word of ["107.9 km", "from Dateland, AZ 85333", "from Lake & City, CA 96115", "31.947° N 113.037° W"]) {
    expect(words).toContain(word);
  }
  const [east, north] = project(31.9474, -113.0371);
  const at = [(east + 2400) / 30, (1590 - north) / 30].map((pixels) => Math.round(pixels * 10) / 10);
  expect(svg).toContain(`<g transform="translate(${at.join(" ")})">`);
});

test("the table is aligned and has the remotest first", () => {
  expect(formatSpotTable(SPOTS, CODES)).toBe(
    [
      "rank  distance  where                 nearest postal code",
      "   1  107.9 km  31.947° N 113.037° W  Dateland, AZ 85333",
      "   2   96.5 km  42.065° N 118.958° W  Lake & City, CA 96115",
    ].join("\n"),
  );
});
