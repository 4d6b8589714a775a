/** Where things are in the bucket (I3: a function of run, task and call indices, never of attempt or worker). */
import { createHash } from "node:crypto";
import type { CallRange, CallRanges } from "./call-ranges.ts";

export const bundleKey = (sha256: string): string => `code/${sha256}.mjs`;
export const runPrefix = (runId: string): string => `runs/${runId}/`;
export const runLeaseKey = (runId: string): string => `${runPrefix(runId)}lease.json`;
/** What another driver has to know to go on with the run. */
export const runDescriptionKey = (runId: string): string => `${runPrefix(runId)}run.json`;
/** Input objects are named by content: the same constant is stored once in a run. */
export const inputKey = (runId: string, sha256: string): string => `${runPrefix(runId)}in/${sha256}`;

/** The results of these calls of one task; null for a plain task. */
export function packKey(runId: string, slug: string, ranges: CallRanges | null): string {
  const place = ranges === null ? "single" : rangesName(ranges, padded);
  return `${packPrefix(runId, slug)}${place}.pack`;
}

/** Under it are the results of one task, and no others. */
export const packPrefix = (runId: string, slug: string): string => `${runPrefix(runId)}out/${slug}/`;

/**
 * From the first to behind the last call that the key's pack is of; undefined for that of a plain task. Whether there are
 * gaps between them the pack tells.
 */
export function hullOfPackKey(key: string): CallRange | undefined {
  const groups = /\/(?<start>\d+)-(?<end>\d+)(?:-[0-9a-f]{16})?\.pack$/u.exec(key)?.groups;
  return groups && { start: Number(groups["start"]), end: Number(groups["end"]) };
}

/**
 * Names calls: from the first to behind the last. Where there are gaps a hash tells which calls are meant; a pack says it
 * in full.
 */
export function rangesName(ranges: CallRanges, write: (index: number) => string = String): string {
  const hull = `${write(ranges[0]?.start ?? 0)}-${write(ranges.at(-1)?.end ?? 0)}`;
  return ranges.length < 2 ? hull : `${hull}-${hashOf(ranges)}`;
}

/** 64 bits: only chunks with the same first and last call of the same task could collide. */
function hashOf(ranges: CallRanges): string {
  const text = ranges.map(({ start, end }) => `${String(start)}-${String(end)}`).join();
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Fixed width, so that keys sort by index; ten digits hold any index that fits in memory. */
function padded(index: number): string {
  return String(index).padStart(10, "0");
}
