/** Draws the map: distances as colours, borders as lines, spots as numbers, a scale, and what it all means. */

import { project, type PlanePoint } from "./albers.ts";
import { GRADIENT_STOPS, PALETTE, paletteIndex } from "./colour-scale.ts";
import type { CountryMap, PostalCode } from "./data.ts";
import type { MapGrid } from "./map-grid.ts";
import { encodeIndexedPng } from "./png.ts";
import { describeSpot } from "./spot-table.ts";
import type { DistanceField, Spot, SpotRules } from "./spots.ts";

export interface PictureInput {
  readonly grid: MapGrid;
  readonly field: DistanceField;
  readonly spots: readonly Spot[];
  readonly rules: SpotRules;
  readonly country: CountryMap;
  readonly postalCodes: readonly PostalCode[];
}

const MARGIN = 40;
const HEADER = 130;
const FOOTER = 260;
const NUMBER_AWAY = 34;
const INK = "#f2eef8";
const FAINT = "#a79fc0";
const PAGE = "#0a0818";
const FONT = "'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";

/** An SVG document. */
export function drawPicture(input: PictureInput): string {
  const { grid } = input;
  const [width, height] = [grid.width + 2 * MARGIN, HEADER + grid.height + FOOTER];
  const farKm = roundUpTo(
    10,
    input.field.reduce((far, km) => (km > far ? km : far), 0),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${FONT}" fill="${INK}">`,
    `<rect width="${width}" height="${height}" fill="${PAGE}"/>`,
    header(input.rules),
    `<g transform="translate(${MARGIN} ${HEADER})">`,
    raster(input.field, grid, farKm),
    lines(input.country.borders, grid, 0.8, 0.45),
    lines(input.country.rims, grid, 1.2, 0.8),
    ...input.spots.map((spot, i) => marker(spot, i + 1, grid)),
    `<g transform="translate(0 ${grid.height - 150})">${legend(farKm)}</g>`,
    `<g transform="translate(0 ${grid.height - 40})">${scaleBar(grid)}</g>`,
    `</g>`,
    `<g transform="translate(${MARGIN} ${HEADER + grid.height + 30})">${table(input)}</g>`,
    credits(height),
    `</svg>\n`,
  ].join("\n");
}

function header({ count, apartKm }: SpotRules): string {
  const question = "How far is it to the nearest US postal code, as the crow flies?";
  const answer = `The ${count} remotest spots, at least ${apartKm} km from each other, are numbered.`;
  return [
    text(MARGIN, 68, 42, "The remotest places of the contiguous United States", `font-weight="700"`),
    text(MARGIN, 106, 21, `${question} ${answer}`, `fill="${FAINT}"`),
  ].join("\n");
}

function raster(field: DistanceField, grid: MapGrid, farKm: number): string {
  const pixels = Uint8Array.from(field, (km) => paletteIndex(km, farKm));
  const png = encodeIndexedPng(grid.width, grid.height, pixels, PALETTE).toString("base64");
  return `<image width="${grid.width}" height="${grid.height}" href="data:image/png;base64,${png}"/>`;
}

function lines(of: readonly (readonly PlanePoint[])[], grid: MapGrid, width: number, opacity: number): string {
  const path = of
    .map((line) => `M${line.map((point) => pixelOf(point, grid).map(tenths).join(",")).join("L")}`)
    .join("");
  return `<path d="${path}" fill="none" stroke="#fff" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linejoin="round"/>`;
}

/** A dot at the spot, and its number a little further from the middle of the map, where it hides less. */
function marker(spot: Spot, rank: number, grid: MapGrid): string {
  const [x, y] = pixelOf(project(spot.latitude, spot.longitude), grid);
  const [outwardX, outwardY] = [x - grid.width / 2, y - grid.height / 2];
  const away = NUMBER_AWAY / Math.hypot(outwardX, outwardY);
  const [dx, dy] = [tenths(outwardX * away), tenths(outwardY * away)];
  return [
    `<g transform="translate(${tenths(x)} ${tenths(y)})">`,
    `<path d="M0,0L${dx},${dy}" stroke="${INK}" stroke-width="2"/>`,
    `<circle r="4.5" fill="${PAGE}" stroke="${INK}" stroke-width="2"/>`,
    `<circle cx="${dx}" cy="${dy}" r="15" fill="${PAGE}" fill-opacity="0.9" stroke="${INK}" stroke-width="2"/>`,
    text(dx, dy + 6, 17, String(rank), `text-anchor="middle" font-weight="700"`),
    `</g>`,
  ].join("");
}

function legend(farKm: number): string {
  const width = 400;
  const ticks = Array.from({ length: farKm / 10 + 1 }, (_, i) => i * 10).filter((km) => km % 20 === 0);
  const stops = GRADIENT_STOPS.map((colour, i) => {
    return `<stop offset="${i / (GRADIENT_STOPS.length - 1)}" stop-color="${colour}"/>`;
  });
  return [
    `<defs><linearGradient id="scale">${stops.join("")}</linearGradient></defs>`,
    text(0, -14, 17, "Distance to the nearest postal code, km", ""),
    `<rect width="${width}" height="18" rx="2" fill="url(#scale)" stroke="${FAINT}" stroke-width="0.8"/>`,
    ...ticks.map((km) => {
      const x = tenths((km / farKm) * width);
      const tick = `<path d="M${x},18v6" stroke="${FAINT}"/>`;
      return tick + text(x, 42, 15, String(km), `text-anchor="middle" fill="${FAINT}"`);
    }),
  ].join("\n");
}

function scaleBar(grid: MapGrid): string {
  const width = tenths(500 / grid.pixelKm);
  return [
    `<path d="M0,0v8h${width}v-8" fill="none" stroke="${FAINT}" stroke-width="1.5"/>`,
    text(width + 12, 9, 15, "500 km", `fill="${FAINT}"`),
  ].join("");
}

/** Two columns, half of the spots in each. */
function table({ spots, postalCodes, grid }: PictureInput): string {
  const rows = Math.ceil(spots.length / 2);
  return spots
    .map((spot, i) => {
      const [x, y] = [Math.floor(i / rows) * (grid.width / 2), 22 + (i % rows) * 36];
      const { distance, place, where } = describeSpot(spot, postalCodes);
      return [
        text(x + 24, y, 18, `${i + 1}`, `text-anchor="end" font-weight="700"`),
        text(x + 130, y, 18, distance, `text-anchor="end" font-weight="700" fill="#fec488"`),
        text(x + 152, y, 18, where, `fill="${FAINT}"`),
        text(x + 384, y, 18, `from ${place}`, ""),
      ].join("");
    })
    .join("\n");
}

function credits(height: number): string {
  const line =
    "Postal codes: GeoNames (CC BY 4.0). Borders: US Census Bureau. Both from the package vega-datasets, a snapshot. " +
    "Albers' equal-area projection. Computed with Cloudburst.";
  return text(MARGIN, height - 22, 14, line, `fill="${FAINT}"`);
}

function pixelOf([eastKm, northKm]: PlanePoint, grid: MapGrid): [x: number, y: number] {
  return [(eastKm - grid.leftKm) / grid.pixelKm, (grid.topKm - northKm) / grid.pixelKm];
}

function text(x: number, y: number, size: number, content: string, attributes: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" font-size="${size}" ${attributes}>${escaped}</text>`;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function roundUpTo(step: number, value: number): number {
  return Math.ceil(value / step) * step;
}
