/**
 * A pack: the S3 object that holds the results of one chunk's step, or the elements of a list.
 *
 *   line 0 \n line 1 \n … line n-1 \n  trailer (JSON) \n  CBP1 <length of the trailer, 8 hex digits> \n
 *
 * Each line is one item: an encoded value, `!` and an encoded error for a call that failed, or `~` for a call that
 * could not run because an earlier step of the same chunk failed. The trailer's block table tells where every so many
 * items begin, so that any slice is one range read of hardly more than its own bytes.
 */
import * as z from "zod";
import { CloudburstError } from "../base/errors.ts";
import { type CallRanges, callRanges } from "./call-ranges.ts";

/** Items between two entries of the block table at the finest, and entries at the most: keeps a table under 2 KiB. */
const maxBlocks = 64;

const indexSchema = z.object({
  /** Number of items. */
  count: z.number().int().nonnegative(),
  /** Bytes of all lines, line breaks included; the trailer follows. */
  bytes: z.number().int().nonnegative(),
  /** `array`: the items are the elements of one call's result. `calls`: one item for each call. */
  shape: z.enum(["calls", "array"]),
  /** Byte offset of item `k * every`, for k = 0, 1, … */
  every: z.number().int().positive(),
  offsets: z.array(z.number().int().nonnegative()),
});

/** What a reader must know of a pack to read any slice of it with one range read. */
export type PackIndex = z.infer<typeof indexSchema>;
export const packIndexSchema = indexSchema;

const trailerSchema = indexSchema.extend({
  v: z.literal(1),
  /** For each item its length if it is an array, else -1; only where a flatten follows. */
  lengths: z.array(z.number().int().min(-1)).optional(),
  /** Which calls the items are of; only where there are gaps between them, else the pack's key tells it all (I4). */
  ranges: callRanges.optional(),
  /** No results, but a fence: the chunk was split at this call index, and a late commit of the whole must lose (I8). */
  split: z.number().int().positive().optional(),
});
export type PackTrailer = z.infer<typeof trailerSchema>;

export const failedMark = "!";
export const notRunMark = "~";
/** In a column of arguments only: the element could not be encoded, and the call that needs it fails with this error. */
export const unsendableMark = "?";

const footerLength = "CBP1 00000000\n".length;

export interface PackContent {
  readonly lines: readonly string[];
  readonly shape: PackIndex["shape"];
  readonly lengths?: readonly number[] | undefined;
  /** Null: the one call of a plain task, or no calls at all. */
  readonly ranges?: CallRanges | null | undefined;
}

export interface WrittenPack {
  readonly body: Uint8Array;
  readonly index: PackIndex;
}

export function writePack(content: PackContent): WrittenPack {
  const { lines } = content;
  const every = Math.max(1, Math.ceil(lines.length / maxBlocks));
  const blocks: string[] = [];
  const offsets: number[] = [];
  let bytes = 0;
  for (let first = 0; first < lines.length; first += every) {
    const block = `${lines.slice(first, first + every).join("\n")}\n`;
    blocks.push(block);
    offsets.push(bytes);
    bytes += Buffer.byteLength(block);
  }
  const index: PackIndex = { count: lines.length, bytes, shape: content.shape, every, offsets };
  const trailer = { v: 1, ...index, lengths: content.lengths?.slice(), ranges: gapped(content.ranges) } as const;
  return { body: packBody(blocks.join(""), trailer), index };
}

/** A pack without results that closes the place of a chunk which was split at `split`. */
export function writeFence(split: number, ranges: CallRanges | null): Uint8Array {
  const nothing = { count: 0, bytes: 0, shape: "calls", every: 1 } as const;
  return packBody("", { v: 1, ...nothing, offsets: [], ranges: gapped(ranges), split });
}

function gapped(ranges: CallRanges | null | undefined): PackTrailer["ranges"] {
  return ranges && ranges.length > 1 ? [...ranges] : undefined;
}

function packBody(lines: string, trailer: PackTrailer): Uint8Array {
  const text = JSON.stringify(trailer);
  const footer = `CBP1 ${Buffer.byteLength(text).toString(16).padStart(8, "0")}\n`;
  return Buffer.from(`${lines}${text}\n${footer}`);
}

/** The trailer, from the last bytes of a pack; undefined when `tail` is too short to hold all of it. */
export function readTrailer(tail: Uint8Array): PackTrailer | undefined {
  const text = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  const footer = text.toString("latin1", Math.max(0, text.length - footerLength));
  const length = /^CBP1 ([0-9a-f]{8})\n$/.exec(footer)?.[1];
  if (length === undefined) throw new CloudburstError("bad_pack", `not a pack: it ends with ${JSON.stringify(footer)}`);
  const start = text.length - footerLength - 1 - Number.parseInt(length, 16);
  if (start < 0) return undefined;
  return trailerSchema.parse(JSON.parse(text.toString("utf8", start, text.length - footerLength - 1)));
}

/** All lines of a whole pack. */
export function readLines(pack: Uint8Array, index: PackIndex): string[] {
  return splitLines(Buffer.from(pack.buffer, pack.byteOffset, index.bytes));
}

/** Where items `start` to `end` stand: a byte range, and how many lines of it come before `start`. */
export interface SlicePlace {
  readonly from: number;
  readonly to: number;
  readonly skip: number;
}

export function placeOf(index: PackIndex, start: number, end: number): SlicePlace {
  const block = Math.floor(start / index.every);
  const next = Math.ceil(end / index.every);
  return {
    from: index.offsets[block] ?? index.bytes,
    to: index.offsets[next] ?? index.bytes,
    skip: start - block * index.every,
  };
}

/** The lines of bytes that begin and end at line boundaries. */
export function splitLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return splitText(text);
}

function splitText(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}
