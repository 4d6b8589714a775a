/** Results that stay in the store: what the driver knows of them, and how it reads them when somebody asks. */
import { CloudburstError, toError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import type { WirePart } from "../wire/inputs.ts";
import {
  failedMark,
  notRunMark,
  type PackIndex,
  type PackTrailer,
  placeOf,
  readLines,
  readTrailer,
} from "../wire/pack.ts";
import { decodeLines, decodeValue, undefinedLine } from "../wire/values.ts";
import { type Failure, type IndexRange, RemoteSlice, RemoteValue } from "./executor.ts";

/** A committed pack as the driver knows it; `lines` when they came with the notice or were read. */
export interface KnownPack {
  readonly key: string;
  readonly index: PackIndex;
  readonly lines: readonly string[] | undefined;
  readonly lengths: readonly number[] | undefined;
  /** Lines of the calls that failed or did not run, by position; undefined when `lines` tells them. */
  readonly failures: readonly (readonly [position: number, line: string])[] | undefined;
}

/** Where the results of some calls begin in a pack; the calls' results stand one after the other. */
export interface PackPlace {
  readonly pack: KnownPack;
  /** Position of the first call's result. */
  readonly from: number;
}

/** Reads packs whose lines did not come with the notice. Who asks for a pack that is being read shares that read. */
export class PackReader {
  readonly #store: Store;
  readonly #reading = new Map<KnownPack, Promise<readonly string[]>>();

  constructor(store: Store) {
    this.#store = store;
  }

  async lines(pack: KnownPack): Promise<readonly string[]> {
    return pack.lines ?? (await (this.#reading.get(pack) ?? this.#begin(pack)));
  }

  #begin(pack: KnownPack): Promise<readonly string[]> {
    const reading = this.#read(pack).finally(() => this.#reading.delete(pack));
    this.#reading.set(pack, reading);
    return reading;
  }

  async #read(pack: KnownPack): Promise<readonly string[]> {
    const read = await readPack(this.#store, pack.key);
    if (read?.lines === undefined)
      throw new CloudburstError("result_missing", `the result ${pack.key} is not in the bucket`);
    return read.lines;
  }
}

/** The result of a plain call. */
export class PackValue extends RemoteValue {
  readonly pack: KnownPack;
  readonly reader: PackReader;

  constructor(pack: KnownPack, reader: PackReader) {
    super();
    this.pack = pack;
    this.reader = reader;
  }

  override peek(): { readonly value: unknown } | undefined {
    return this.pack.lines && { value: this.decode(this.pack.lines) };
  }

  /** The value, of the lines of the pack. */
  decode(lines: readonly string[]): unknown {
    return decodeSingle({ index: this.pack.index, lines });
  }

  get length(): number | undefined {
    return this.pack.index.shape === "array" ? this.pack.index.count : undefined;
  }

  get elementLengths(): readonly number[] | undefined {
    return this.pack.index.shape === "array" ? this.pack.lengths : undefined;
  }
}

/** The results of consecutive calls of one chunk, which may hold others as well. */
export class PackSlice extends RemoteSlice {
  readonly pack: KnownPack;
  /** Position in the pack of the first call's result. */
  readonly from: number;
  readonly range: IndexRange;
  readonly reader: PackReader;
  #lengths: readonly number[] | undefined;

  constructor({ pack, from }: PackPlace, range: IndexRange, reader: PackReader) {
    super();
    this.pack = pack;
    this.from = from;
    this.range = range;
    this.reader = reader;
  }

  override peek(): readonly unknown[] | undefined {
    return this.pack.lines && this.decode(this.pack.lines);
  }

  /** The values of the calls, of the lines of the pack; those of failed calls are undefined. */
  decode(lines: readonly string[]): readonly unknown[] {
    return decodeCalls(this.#own(lines));
  }

  get lengths(): readonly number[] | undefined {
    return (this.#lengths ??= this.pack.lengths && this.#own(this.pack.lengths));
  }

  #own<T>(items: readonly T[]): readonly T[] {
    const { start, end } = this.range;
    return items.length === end - start ? items : items.slice(this.from, this.from + end - start);
  }
}

/** Lines up to this size travel on within a message instead of being read from the store. */
const inlineBytes = 4 * 1024;

/** The lines of a pack that need not be read: they are at hand, and few. */
export function inlineLines(pack: KnownPack): readonly string[] | undefined {
  return pack.index.bytes <= inlineBytes ? pack.lines : undefined;
}

/** A whole pack, for a message. */
export function wholePart(pack: KnownPack): WirePart {
  const { count } = pack.index;
  const lines = inlineLines(pack);
  if (lines !== undefined) return { lines: lines.slice(0, count) };
  const { from, to } = placeOf(pack.index, 0, count);
  return { key: pack.key, from, to, picks: [0, count] };
}

/** Reads a pack of which nothing but the key is known; undefined when there is none. */
export async function readPack(
  store: Store,
  key: string,
): Promise<(KnownPack & { readonly trailer: PackTrailer }) | undefined> {
  const body = await store.get(key);
  if (body === undefined) return undefined;
  const trailer = readTrailer(body);
  if (trailer === undefined) throw new CloudburstError("bad_pack", `the pack ${key} is shorter than its trailer says`);
  const lines = readLines(body, trailer);
  return { key, index: trailer, lines, lengths: trailer.lengths, failures: undefined, trailer };
}

/** The value of a plain call whose pack's lines are at hand. */
export function decodeSingle({ index, lines = [] }: Pick<KnownPack, "index" | "lines">): unknown {
  return index.shape === "array" ? decodeLines(lines) : decodeValue(lines[0] ?? undefinedLine);
}

/** The values of calls, of which those that failed are undefined. */
export function decodeCalls(lines: readonly string[]): readonly unknown[] {
  return decodeLines(lines.map((line) => (isSuccess(line) ? line : undefinedLine)));
}

/** Calls of a mapped task that failed, by call index; calls that did not run are left out. */
export function failuresOf({ pack, from }: PackPlace, { start, end }: IndexRange): ReadonlyMap<number, Failure> {
  const failures = new Map<number, Failure>();
  for (const [position, line] of unsuccessful(pack, from, from + end - start)) {
    if (line.startsWith(failedMark)) failures.set(start + position - from, failureOf(line));
  }
  return failures;
}

/** Positions, of those from `start` to `end`, of the calls that did not run, since an earlier step failed. */
export function notRunPositions(pack: KnownPack, start: number, end: number): readonly number[] {
  const positions: number[] = [];
  for (const [position, line] of unsuccessful(pack, start, end)) if (line === notRunMark) positions.push(position);
  return positions;
}

/** The lines of calls that did not succeed. A chunk may have many parts: nobody looks at the whole pack for each. */
function* unsuccessful(pack: KnownPack, start: number, end: number): Generator<readonly [number, string]> {
  const { failures } = pack;
  if (failures === undefined) {
    const { lines } = pack;
    for (let position = start; position < end; position += 1) {
      const line = lines?.[position];
      if (line !== undefined && !isSuccess(line)) yield [position, line];
    }
    return;
  }
  for (let at = firstFrom(failures, start); at < failures.length; at += 1) {
    const failure = failures[at];
    if (failure === undefined || failure[0] >= end) return;
    yield failure;
  }
}

/** Where positions from `start` on begin: they are in order. */
function firstFrom(failures: NonNullable<KnownPack["failures"]>, start: number): number {
  let low = 0;
  let high = failures.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((failures[middle]?.[0] ?? Infinity) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How a plain call failed; undefined when it succeeded. */
export function singleFailureOf(pack: KnownPack): Failure | undefined {
  return pack.index.shape === "calls" ? failuresOf({ pack, from: 0 }, { start: 0, end: 1 }).get(0) : undefined;
}

export function isSuccess(line: string): boolean {
  return !line.startsWith(failedMark) && line !== notRunMark;
}

function failureOf(line: string): Failure {
  return { kind: "failed", error: toError(decodeValue(line.slice(failedMark.length))) };
}
