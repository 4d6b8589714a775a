/** Writes a list for a chunk, piece by piece: pieces of the same pack become one read, whatever stands between them. */
import type { WireItems, WirePart } from "../wire/inputs.ts";
import { placeOf, type SlicePlace } from "../wire/pack.ts";
import { PickWriter } from "../wire/picks.ts";
import { inlineLines, type KnownPack } from "./pack-results.ts";

/** Bytes that nobody wants are read up to this number: another request would take longer. */
const maxGapBytes = 256 * 1024;

/** A range of bytes of one pack, as far as it has grown. */
interface Read {
  /** Its place among the parts. */
  readonly part: number;
  readonly pack: KnownPack;
  readonly from: number;
  to: number;
  /** Position in the pack of the item with which the bytes begin. */
  readonly first: number;
  readonly writer: PickWriter;
}

export class ItemsWriter {
  readonly #parts: (Read | { readonly lines: string[] })[] = [];
  readonly #open = new Map<KnownPack, Read>();
  #lines: { readonly part: number; readonly lines: string[] } | undefined;
  readonly #order: number[] = [];

  addLines(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#lines === undefined) {
      this.#lines = { part: this.#parts.length, lines: [] };
      this.#parts.push({ lines: this.#lines.lines });
    }
    for (const line of lines) this.#lines.lines.push(line);
    this.#next(this.#lines.part, lines.length);
  }

  /** Items `start` to `end` of the pack. */
  addPack(pack: KnownPack, start: number, end: number): void {
    if (start >= end) return;
    const lines = inlineLines(pack);
    if (lines !== undefined) {
      this.addLines(lines.slice(start, end));
      return;
    }
    const place = placeOf(pack.index, start, end);
    const read = this.#reaching(pack, start, place) ?? this.#begin(pack, start, place);
    read.to = Math.max(read.to, place.to);
    read.writer.use(start - read.first, end - read.first);
    this.#next(read.part, end - start);
  }

  items(): WireItems {
    const parts = this.#parts.map((part): WirePart =>
      "lines" in part ? part : { key: part.pack.key, from: part.from, to: part.to, picks: part.writer.picks },
    );
    return { parts, ...(this.#isMixed && { order: this.#order }) };
  }

  /** The parts do not stand one after the other. */
  get #isMixed(): boolean {
    return this.#order.length > 2 * this.#parts.length;
  }

  #reaching(pack: KnownPack, start: number, place: SlicePlace): Read | undefined {
    const read = this.#open.get(pack);
    if (read === undefined || start - read.first < read.writer.next) return undefined;
    return place.from - read.to > maxGapBytes ? undefined : read;
  }

  #begin(pack: KnownPack, start: number, { from, to, skip }: SlicePlace): Read {
    const read: Read = { part: this.#parts.length, pack, from, to, first: start - skip, writer: new PickWriter() };
    this.#parts.push(read);
    this.#open.set(pack, read);
    return read;
  }

  #next(part: number, items: number): void {
    const last = this.#order.length - 2;
    if (this.#order[last] === part) this.#order[last + 1] = (this.#order[last + 1] ?? 0) + items;
    else this.#order.push(part, items);
  }
}
