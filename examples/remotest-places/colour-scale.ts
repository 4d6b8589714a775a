/** Which colour stands for which distance. */

import type { Colour } from "./png.ts";

/** From near to far; dark to light, so that it can be read without telling colours apart. */
const STOPS = ["#151238", "#341069", "#641a80", "#942c80", "#c73d73", "#ee605e", "#fc9065", "#fec488", "#fcfdbf"];

/** Position 0 is "outside the country" and transparent; 1 to 255 go from 0 km to `farKm`. */
export const PALETTE: readonly Colour[] = [[0, 0, 0, 0], ...Array.from({ length: 255 }, (_, i) => blend(i / 254))];

export function paletteIndex(distanceKm: number, farKm: number): number {
  if (Number.isNaN(distanceKm)) return 0;
  return 1 + Math.round(254 * Math.min(1, distanceKm / farKm));
}

/** The stops of a CSS gradient from near to far. */
export const GRADIENT_STOPS: readonly string[] = STOPS;

function blend(share: number): Colour {
  const at = share * (STOPS.length - 1);
  const [from, to] = [parse(STOPS[Math.floor(at)]), parse(STOPS[Math.ceil(at)])];
  const mix = (a: number, b: number): number => Math.round(a + (b - a) * (at % 1));
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2]), 255];
}

function parse(hex = "#000000"): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255, 255];
}
