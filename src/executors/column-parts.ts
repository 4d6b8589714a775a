/** Which stored bytes, or lines at hand, make up the results that some calls take. */
import { CloudburstError } from "../base/errors.ts";
import type { CallRanges } from "../wire/call-ranges.ts";
import type { WireItems } from "../wire/inputs.ts";
import { type Picks, PickWriter } from "../wire/picks.ts";
import { encodeValue } from "../wire/values.ts";
import type { IndexRange, ResultColumn, ResultSlice } from "./executor.ts";
import { ItemsWriter } from "./items-writer.ts";
import { notRunPositions, PackSlice } from "./pack-results.ts";

/** The results of the calls in `ranges` of a mapped task. `what` names them in errors. */
export function resultItems(results: ResultColumn, ranges: CallRanges, what: string): WireItems {
  const writer = new ResultsWriter(results, what);
  for (const range of ranges) writer.add(range);
  return writer.items();
}

class ResultsWriter {
  readonly #results: ResultColumn;
  readonly #what: string;
  readonly #writer = new ItemsWriter();

  constructor(results: ResultColumn, what: string) {
    this.#results = results;
    this.#what = what;
  }

  items(): WireItems {
    return this.#writer.items();
  }

  add(range: IndexRange): void {
    let next = range.start;
    for (const slice of this.#results.slices(range)) {
      const start = Math.max(slice.range.start, range.start);
      const end = Math.min(slice.range.end, range.end);
      this.#addStandIns(next, start);
      this.#addSlice(slice, { start, end });
      next = end;
    }
    this.#addStandIns(next, range.end);
  }

  /** Calls that were never run are in no slice: only the engine knows what stands for them. */
  #addStandIns(start: number, end: number): void {
    if (start >= end) return;
    this.#writer.addLines(Array.from({ length: end - start }, (_, at) => this.#standIn(start + at)));
  }

  /** A failed call stands for itself in a pack, as its error. */
  #addSlice({ range: { start }, values }: ResultSlice, range: IndexRange): void {
    if (values instanceof PackSlice) {
      this.#addPack(values, range);
      return;
    }
    if (!Array.isArray(values)) {
      throw new CloudburstError("foreign_result", "a result of another executor cannot be an input of this one");
    }
    const own: readonly unknown[] = values;
    const lines: string[] = [];
    for (let at = range.start; at < range.end; at += 1) {
      const failed = this.#results.substitute(at) !== undefined;
      lines.push(failed ? this.#standIn(at) : encodeValue(own[at - start], this.#nameOf(at)));
    }
    this.#writer.addLines(lines);
  }

  /** The pack itself, but for the calls that did not run. */
  #addPack({ pack, from, range: own }: PackSlice, range: IndexRange): void {
    const shift = from - own.start;
    let next = range.start + shift;
    const end = range.end + shift;
    for (const position of notRunPositions(pack, next, end)) {
      this.#writer.addPack(pack, next, position);
      this.#writer.addLines([this.#standIn(position - shift)]);
      next = position + 1;
    }
    this.#writer.addPack(pack, next, end);
  }

  #standIn(index: number): string {
    return encodeValue(this.#results.substitute(index)?.value, this.#nameOf(index));
  }

  #nameOf(index: number): string {
    return `element ${String(index)} of ${this.#what}`;
  }
}

/** Which lists the flattened elements of `ranges` come from, and which elements of these lists they are. */
export function coverOf(
  lengths: readonly number[],
  ranges: CallRanges,
): { readonly items: CallRanges; readonly picks: Picks } {
  const items: IndexRange[] = [];
  const writer = new PickWriter();
  let next = 0;
  /** Elements of the lists before `next`: of all, and of those that are covered. */
  let before = 0;
  let covered = 0;
  for (const { start, end } of ranges) {
    while (next < lengths.length && before + widthOf(lengths[next]) <= start) before += widthOf(lengths[next++]);
    const first = next;
    const from = covered + start - before;
    for (; next < lengths.length && before < end; next += 1) {
      before += widthOf(lengths[next]);
      covered += widthOf(lengths[next]);
    }
    if (first < next) items.push({ start: first, end: next });
    writer.use(from, from + end - start);
  }
  return { items, picks: writer.picks };
}

/** What is no list counts as one element. */
const widthOf = (length: number | undefined): number => (length === undefined || length < 0 ? 1 : length);
