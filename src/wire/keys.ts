/** Where things are in the bucket (I3: a function of run, task and index range, never of attempt or worker). */

export const bundleKey = (sha256: string): string => `code/${sha256}.mjs`;
export const runPrefix = (runId: string): string => `runs/${runId}/`;
export const runLeaseKey = (runId: string): string => `${runPrefix(runId)}lease.json`;
/** What another driver has to know to go on with the run. */
export const runDescriptionKey = (runId: string): string => `${runPrefix(runId)}run.json`;
/** Input objects are named by content: the same constant is stored once in a run. */
export const inputKey = (runId: string, sha256: string): string => `${runPrefix(runId)}in/${sha256}`;

/** The result of calls `start` to `end` of one task; `range` undefined for a plain task. */
export function packKey(
  runId: string,
  slug: string,
  range: { readonly start: number; readonly end: number } | undefined,
): string {
  const place = range === undefined ? "single" : `${padded(range.start)}-${padded(range.end)}`;
  return `${packPrefix(runId, slug)}${place}.pack`;
}

/** Under it are the results of one task, and no others. */
export const packPrefix = (runId: string, slug: string): string => `${runPrefix(runId)}out/${slug}/`;

/** Which calls of the task the key's pack is of; undefined for that of a plain task. */
export function rangeOfPackKey(key: string): { readonly start: number; readonly end: number } | undefined {
  const groups = /\/(?<start>\d+)-(?<end>\d+)\.pack$/u.exec(key)?.groups;
  return groups && { start: Number(groups["start"]), end: Number(groups["end"]) };
}

/** Fixed width, so that keys sort by index; ten digits hold any index that fits in memory. */
function padded(index: number): string {
  return String(index).padStart(10, "0");
}
