/** What is inside the country's outline: found for a whole row of samples at once. */

/** The outline's edges, in any order: x1, y1, x2, y2 of each, one after the other, in kilometres on the map. */
export type Outline = Float64Array<ArrayBuffer>;

/** Edges that reach into the band of the map between two latitudes, so that a tile need not look at all. */
export function edgesBetween(outline: Outline, southKm: number, northKm: number): Outline {
  const kept: number[] = [];
  for (let at = 0; at < outline.length; at += 4) {
    const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = outline.subarray(at, at + 4);
    if (Math.min(y1, y2) <= northKm && Math.max(y1, y2) >= southKm) kept.push(x1, y1, x2, y2);
  }
  return Float64Array.from(kept);
}

/**
 * Where the horizontal line at `northKm` is inside, by the even-odd rule: from [0] to [1], from [2] to [3], … in kilometres
 * east. An edge counts at its lower end and not at its upper one, so that a line through a vertex crosses once.
 */
export function spansInside(outline: Outline, northKm: number): readonly number[] {
  const crossings: number[] = [];
  for (let at = 0; at < outline.length; at += 4) {
    const y1 = outline[at + 1] ?? NaN;
    const y2 = outline[at + 3] ?? NaN;
    if (y1 <= northKm === y2 <= northKm) continue;
    const x1 = outline[at] ?? NaN;
    const x2 = outline[at + 2] ?? NaN;
    crossings.push(x1 + ((northKm - y1) / (y2 - y1)) * (x2 - x1));
  }
  return crossings.sort((a, b) => a - b);
}
