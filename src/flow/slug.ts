import { createHash } from "node:crypto";

const LONGEST_SLUG = 120; // an S3 key holds 1,024 bytes, and run and index range must fit as well
const KEPT_OF_LONG = 64;

/**
 * A name as it may stand in an S3 key. Different names give different slugs: what is no letter, digit, `-` or `_` turns
 * into its code points between dots (`my task` → `my.20.task`), so that no dot is left of the name itself.
 */
export function slugOf(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_-]+/g, (run) => `.${codePoints(run).join("_")}.`);
  if (safe.length <= LONGEST_SLUG) return safe;
  const hash = createHash("sha256").update(safe).digest("hex").slice(0, 32);
  return `${safe.slice(0, KEPT_OF_LONG)}..${hash}`; // two dots in a row occur in no short slug
}

/** Tells one making of a call from all others, after `begun` of them; those after a pause can be told from the rest. */
export function makingMark({ begun, pauses }: { readonly begun: number; readonly pauses: number }): string {
  return begun === 0 ? "" : `~${String(begun)}${pauses > 0 ? RESUMED : ""}`;
}

const RESUMED = "r";

/** The call, or one of its makings before, was paused by its own body and may go on. */
export function isResumed(stepSlug: string): boolean {
  return /^[^~]*~\d+r$/.test(stepSlug);
}

/** The slug of the node: a step's slug has a mark for each attempt behind it, which no node's slug contains. */
export function nodeSlugOf(stepSlug: string): string {
  const mark = stepSlug.indexOf("~");
  return mark < 0 ? stepSlug : stepSlug.slice(0, mark);
}

function codePoints(text: string): string[] {
  return Array.from(text, (character) => (character.codePointAt(0) ?? 0).toString(16));
}
