/** Which stored bytes, or lines at hand, make up a range of results. */
import { CloudburstError } from "../base/errors.ts";
import type { WirePart } from "../wire/inputs.ts";
import { encodeValue } from "../wire/values.ts";
import type { IndexRange, ResultColumn, ResultSlice } from "./executor.ts";
import { type KnownPack, notRunPositions, PackSlice, partOf } from "./pack-results.ts";

/** The results of calls `range` of a mapped task. `what` names them in errors. */
export function resultParts(results: ResultColumn, range: IndexRange, what: string): WirePart[] {
  const standIn = (index: number): string =>
    encodeValue(results.substitute(index)?.value, `element ${String(index)} of ${what}`);
  const parts: WirePart[] = [];
  let next = range.start;
  /** Calls that were never run are in no slice: only the engine knows what stands for them. */
  const standInUpTo = (end: number): void => {
    if (next >= end) return;
    parts.push({ lines: Array.from({ length: end - next }, (_, at) => standIn(next + at)) });
    next = end;
  };
  for (const slice of results.slices(range)) {
    const within = { start: Math.max(slice.range.start, range.start), end: Math.min(slice.range.end, range.end) };
    standInUpTo(within.start);
    parts.push(...sliceParts(slice, within, results, what, standIn));
    next = within.end;
  }
  standInUpTo(range.end);
  return parts;
}

/** A failed call stands for itself in a pack, as its error. */
function sliceParts(
  slice: ResultSlice,
  range: IndexRange,
  results: ResultColumn,
  what: string,
  standIn: (index: number) => string,
): WirePart[] {
  const { values } = slice;
  const { start } = slice.range;
  if (values instanceof PackSlice) return packParts(values.pack, values.range.start, range, standIn);
  if (!Array.isArray(values)) {
    throw new CloudburstError("foreign_result", "a result of another executor cannot be an input of this one");
  }
  const own: readonly unknown[] = values;
  const lines: string[] = [];
  for (let at = range.start; at < range.end; at += 1) {
    const failed = results.substitute(at) !== undefined;
    lines.push(failed ? standIn(at) : encodeValue(own[at - start], `element ${String(at)} of ${what}`));
  }
  return [{ lines }];
}

/** The pack itself, but for the calls that did not run. */
function packParts(
  pack: KnownPack,
  packStart: number,
  range: IndexRange,
  standIn: (index: number) => string,
): WirePart[] {
  const parts: WirePart[] = [];
  let next = range.start;
  const packUpTo = (end: number): void => {
    if (next < end) parts.push(partOf(pack, next - packStart, end - packStart));
  };
  for (const position of notRunPositions(pack)) {
    const index = packStart + position;
    if (index < range.start || index >= range.end) continue;
    packUpTo(index);
    parts.push({ lines: [standIn(index)] });
    next = index + 1;
  }
  packUpTo(range.end);
  return parts;
}

/** Which lists the flattened elements of `range` come from, and how many elements of the first are passed over. */
export function coverOf(
  lengths: readonly number[],
  range: IndexRange,
): { readonly items: IndexRange; readonly skip: number } {
  let before = 0;
  let start = 0;
  while (start < lengths.length && before + widthOf(lengths[start]) <= range.start) before += widthOf(lengths[start++]);
  let end = start;
  let covered = before;
  while (end < lengths.length && covered < range.end) covered += widthOf(lengths[end++]);
  return { items: { start, end }, skip: range.start - before };
}

/** What is no list counts as one element. */
const widthOf = (length: number | undefined): number => (length === undefined || length < 0 ? 1 : length);
