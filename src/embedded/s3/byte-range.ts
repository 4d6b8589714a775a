/** The `Range` header: `bytes=a-b`, `bytes=a-`, `bytes=-n`. */

import { S3Error } from "./s3-error.ts";

/** Bytes `start` to `end`, `end` not included. */
export interface ResolvedRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part of an object that the header asks for; undefined means all of it, also for a header that makes no sense or lists
 * several ranges, which S3 ignores.
 *
 * @throws S3Error InvalidRange when the object has no such byte
 */
export function resolveRange(header: string | undefined, sizeBytes: number): ResolvedRange | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null) return undefined;
  const [first, last] = [match[1] ?? "", match[2] ?? ""];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const range =
    first === ""
      ? { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes }
      : { start: Number(first), end: last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
  if (range.start < range.end) return range;
  throw new S3Error("InvalidRange", {
    fields: { RangeRequested: header, ActualObjectSize: String(sizeBytes) },
    headers: { "content-range": `bytes */${sizeBytes}` },
  });
}
