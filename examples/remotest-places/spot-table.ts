/** The answer in words. */

import type { PostalCode } from "./data.ts";
import type { Spot } from "./spots.ts";

export interface SpotDescription {
  /** `107.9 km`. */
  readonly distance: string;
  /** The nearest town: `Dateland, AZ 85333`. */
  readonly place: string;
  /** `31.947° N 113.037° W`. */
  readonly where: string;
}

export function describeSpot(spot: Spot, postalCodes: readonly PostalCode[]): SpotDescription {
  const nearest = postalCodes[spot.nearestId];
  return {
    distance: `${spot.distanceKm.toFixed(1)} km`,
    place: nearest === undefined ? "nowhere" : `${nearest.city}, ${nearest.state} ${nearest.code}`,
    where: `${degrees(spot.latitude, "N", "S")} ${degrees(spot.longitude, "E", "W")}`,
  };
}

/** A table of plain text, remotest first. */
export function formatSpotTable(spots: readonly Spot[], postalCodes: readonly PostalCode[]): string {
  const rows = spots.map((spot, i) => {
    const { distance, place, where } = describeSpot(spot, postalCodes);
    return `${String(i + 1).padStart(4)}  ${distance.padStart(8)}  ${where}  ${place}`;
  });
  return [`rank  distance  ${"where".padEnd(20)}  nearest postal code`, ...rows].join("\n");
}

function degrees(value: number, positive: string, negative: string): string {
  return `${Math.abs(value).toFixed(3)}° ${value < 0 ? negative : positive}`;
}
