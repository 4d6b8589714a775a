/** Finds the nearest of many points on the sphere: a k-d tree that is nothing but typed arrays, so that it travels as it is. */

import { toVector, type Vector } from "./sphere.ts";

/**
 * A subtree is a range [start, end) of positions: at most `LEAF_SIZE` points, or the median in the middle, with what lies
 * below it along its axis to the left and the rest to the right.
 */
export interface NearestIndex {
  /** x, y, z by position in the tree. */
  readonly vectors: Float64Array;
  /** By position of a median: 0, 1 or 2 for the axis that splits its subtree. */
  readonly axes: Uint8Array;
  /** By position: which of the points that the index was built of. */
  readonly ids: Int32Array;
}

export interface Nearest {
  readonly position: number;
  /** Squared straight distance on the unit sphere: grows with the great-circle distance and is much cheaper. */
  readonly chord2: number;
}

const LEAF_SIZE = 8;

/** @param degrees latitude and longitude of each point, one after the other */
export function buildNearestIndex(degrees: Float64Array): NearestIndex {
  const points = Array.from({ length: degrees.length / 2 }, (_, id) => {
    return { id, vector: toVector(degrees[2 * id] ?? NaN, degrees[2 * id + 1] ?? NaN) };
  });
  const axes = new Uint8Array(points.length);
  const order = splitAtMedians(points, 0, axes);
  return {
    vectors: Float64Array.from(order.flatMap((point) => point.vector)),
    axes,
    ids: Int32Array.from(order, (point) => point.id),
  };
}

interface IndexedPoint {
  readonly id: number;
  readonly vector: Vector;
}

function splitAtMedians(points: readonly IndexedPoint[], start: number, axes: Uint8Array): readonly IndexedPoint[] {
  if (points.length <= LEAF_SIZE) return points;
  const axis = widestAxis(points);
  const sorted = points.toSorted((a, b) => a.vector[axis] - b.vector[axis]);
  const middle = sorted.length >> 1;
  axes[start + middle] = axis;
  return [
    ...splitAtMedians(sorted.slice(0, middle), start, axes),
    ...sorted.slice(middle, middle + 1),
    ...splitAtMedians(sorted.slice(middle + 1), start + middle + 1, axes),
  ];
}

function widestAxis(points: readonly IndexedPoint[]): 0 | 1 | 2 {
  const spread = ([0, 1, 2] as const).map((axis) => {
    const along = points.map((point) => point.vector[axis]);
    return along.reduce((a, b) => Math.max(a, b)) - along.reduce((a, b) => Math.min(a, b));
  });
  const [x = 0, y = 0, z = 0] = spread;
  return x >= y && x >= z ? 0 : y >= z ? 1 : 2;
}

/** Looks points up. Remembers the last answer: a neighbour's nearest point is a good first guess and prunes most of the tree. */
export class NearestSearch {
  readonly #index: NearestIndex;
  #target: Readonly<Vector> = [0, 0, 0];
  #position = 0;
  #chord2 = Infinity;

  constructor(index: NearestIndex) {
    this.#index = index;
  }

  find(target: Readonly<Vector>): Nearest {
    this.#target = target;
    this.#chord2 = Infinity;
    this.#offer(this.#position, this.#position + 1);
    this.#descend(0, this.#index.ids.length);
    return { position: this.#position, chord2: this.#chord2 };
  }

  /** Which point, as it was given to `buildNearestIndex`, is at this position. */
  idAt(position: number): number {
    return this.#index.ids[position] ?? -1;
  }

  #descend(start: number, end: number): void {
    if (end - start <= LEAF_SIZE) {
      this.#offer(start, end);
      return;
    }
    const { axes, vectors } = this.#index;
    const middle = start + ((end - start) >> 1);
    const axis = axes[middle] ?? 0;
    const beyond = (this.#target[axis] ?? NaN) - (vectors[3 * middle + axis] ?? NaN);
    const nearSide = beyond < 0;
    if (nearSide) this.#descend(start, middle);
    else this.#descend(middle + 1, end);
    // Whatever lies on the other side, the median included, is at least `beyond` away.
    if (beyond * beyond >= this.#chord2) return;
    this.#offer(middle, middle + 1);
    if (nearSide) this.#descend(middle + 1, end);
    else this.#descend(start, middle);
  }

  #offer(start: number, end: number): void {
    const { vectors } = this.#index;
    const [x, y, z] = this.#target;
    for (let position = start; position < end; position++) {
      const dx = x - (vectors[3 * position] ?? NaN);
      const dy = y - (vectors[3 * position + 1] ?? NaN);
      const dz = z - (vectors[3 * position + 2] ?? NaN);
      const chord2 = dx * dx + dy * dy + dz * dz;
      if (chord2 >= this.#chord2) continue;
      this.#chord2 = chord2;
      this.#position = position;
    }
  }
}
