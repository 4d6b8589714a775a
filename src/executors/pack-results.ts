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

/** The result of a plain call. */
export class PackValue extends RemoteValue {
  readonly pack: KnownPack;
  readonly #store: Store;

  constructor(pack: KnownPack, store: Store) {
    super();
    this.pack = pack;
    this.#store = store;
  }

  /** Reads the value, from the store unless it came with the notice. */
  async fetch(): Promise<unknown> {
    return decodeSingle({ index: this.pack.index, lines: await linesOf(this.#store, this.pack) });
  }

  override peek(): { readonly value: unknown } | undefined {
    return this.pack.lines && { value: decodeSingle(this.pack) };
  }

  get length(): number | undefined {
    return this.pack.index.shape === "array" ? this.pack.index.count : undefined;
  }

  get elementLengths(): readonly number[] | undefined {
    return this.pack.index.shape === "array" ? this.pack.lengths : undefined;
  }
}

/** The results of the calls of one chunk. */
export class PackSlice extends RemoteSlice {
  readonly pack: KnownPack;
  readonly range: IndexRange;
  readonly #store: Store;

  constructor(pack: KnownPack, range: IndexRange, store: Store) {
    super();
    this.pack = pack;
    this.range = range;
    this.#store = store;
  }

  /** Reads the values of all calls; those of failed calls are undefined. */
  async fetch(): Promise<readonly unknown[]> {
    return decodeCalls(await linesOf(this.#store, this.pack));
  }

  override peek(): readonly unknown[] | undefined {
    return this.pack.lines && decodeCalls(this.pack.lines);
  }

  get lengths(): readonly number[] | undefined {
    return this.pack.lengths;
  }
}

/** Lines up to this size travel on within a message instead of being read from the store. */
const inlineBytes = 4 * 1024;

/** Items `start` to `end` of a pack, for a message. */
export function partOf(pack: KnownPack, start: number, end: number): WirePart {
  if (pack.index.bytes <= inlineBytes && pack.lines !== undefined) return { lines: pack.lines.slice(start, end) };
  return { key: pack.key, ...placeOf(pack.index, start, end), take: end - start };
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

async function linesOf(store: Store, pack: KnownPack): Promise<readonly string[]> {
  if (pack.lines !== undefined) return pack.lines;
  const read = await readPack(store, pack.key);
  if (read?.lines === undefined)
    throw new CloudburstError("result_missing", `the result ${pack.key} is not in the bucket`);
  return read.lines;
}

/** The calls of a mapped task that failed, by call index; calls that did not run are left out. */
export function failuresOf(pack: KnownPack, firstIndex: number): ReadonlyMap<number, Failure> {
  const failures = new Map<number, Failure>();
  for (const [position, line] of pack.failures ?? pack.lines?.entries() ?? []) {
    if (line.startsWith(failedMark)) failures.set(firstIndex + position, failureOf(line));
  }
  return failures;
}

/** Positions of the calls that did not run, since an earlier step failed. */
export function notRunPositions(pack: KnownPack): readonly number[] {
  const positions: number[] = [];
  for (const [position, line] of pack.failures ?? pack.lines?.entries() ?? [])
    if (line === notRunMark) positions.push(position);
  return positions;
}

/** How a plain call failed; undefined when it succeeded. */
export function singleFailureOf(pack: KnownPack): Failure | undefined {
  return pack.index.shape === "calls" ? failuresOf(pack, 0).get(0) : undefined;
}

export function isSuccess(line: string): boolean {
  return !line.startsWith(failedMark) && line !== notRunMark;
}

function failureOf(line: string): Failure {
  return { kind: "failed", error: toError(decodeValue(line.slice(failedMark.length))) };
}
