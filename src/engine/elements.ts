/** The elements of a value that a task maps over. */

/** A value without elements. */
export class Unmappable {
  readonly value: unknown;
  /** What was thrown when the value was asked for its elements. */
  readonly cause: unknown;

  constructor(value: unknown, cause?: unknown) {
    this.value = value;
    this.cause = cause;
  }
}

/** Strings by character; sets, maps and other iterables as they iterate. Plain objects have no elements. */
export function elementsOf(value: unknown): readonly unknown[] | Unmappable {
  if (Array.isArray(value)) return value as unknown[];
  if (typeof value !== "string" && !isIterable(value)) return new Unmappable(value);
  try {
    return Array.from(value);
  } catch (thrown) {
    return new Unmappable(value, thrown);
  }
}

/** The length of an array; -1 for everything else, which counts as one element where lists are flattened. */
export function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : -1;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
