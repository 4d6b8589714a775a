/** Points of the Earth as unit vectors, which have no seam and no poles to mind. */

/** Mean radius (IUGG); a sphere is at most 0.6 % off the ellipsoid. */
export const EARTH_RADIUS_KM = 6371.0088;
export const RADIANS = Math.PI / 180;

/** x, y, z of length one. */
export type Vector = [x: number, y: number, z: number];

export interface Coordinates {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
}

export function toVector(latitude: number, longitude: number): Vector {
  const equatorial = Math.cos(latitude * RADIANS);
  return [
    equatorial * Math.cos(longitude * RADIANS),
    equatorial * Math.sin(longitude * RADIANS),
    Math.sin(latitude * RADIANS),
  ];
}

export function toCoordinates([x, y, z]: Readonly<Vector>): Coordinates {
  return { latitude: Math.atan2(z, Math.hypot(x, y)) / RADIANS, longitude: Math.atan2(y, x) / RADIANS };
}

export function squaredChord(a: Readonly<Vector>, b: Readonly<Vector>): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

/** Great-circle distance of two points whose straight distance through the unit sphere, squared, is `chord2`. */
export function greatCircleKm(chord2: number): number {
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord2) / 2));
}
