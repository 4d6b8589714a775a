/** How a child of a mapped task stands, as a byte: a million children are a megabyte. */
import type { StateKind } from "../flow/state.ts";

export type ChildKind = Exclude<StateKind, "Mapped">;

/** By code. */
export const kindOfCode = [
  "Pending",
  "Running",
  "Success",
  "Skipped",
  "Failed",
  "TriggerFailed",
  "Cancelled",
  "Retrying",
  "Paused",
  "Cached",
  "TimedOut",
  "ValidationFailed",
] as const satisfies readonly ChildKind[];

export const callCode = {
  pending: 0,
  running: 1,
  success: 2,
  skipped: 3,
  failed: 4,
  triggerFailed: 5,
  cancelled: 6,
  retrying: 7,
  paused: 8,
  cached: 9,
  timedOut: 10,
  validationFailed: 11,
} as const;

export type CallCode = (typeof callCode)[keyof typeof callCode];

const codes = Object.fromEntries(kindOfCode.map((kind, code) => [kind, code])) as Readonly<Record<ChildKind, CallCode>>;

export function codeOfKind(kind: ChildKind): CallCode {
  return codes[kind];
}

export function hasEnded(code: number): boolean {
  return code >= callCode.success && code !== callCode.retrying && code !== callCode.paused;
}

/** The call has a value of its own. */
export function hasValue(code: number): boolean {
  return code === callCode.success || code === callCode.cached;
}

/** As the predicates of states have it. */
export function hasSucceeded(code: number): boolean {
  return hasValue(code) || code === callCode.skipped;
}

export function hasFailed(code: number): boolean {
  return (
    code === callCode.failed ||
    code === callCode.triggerFailed ||
    code === callCode.timedOut ||
    code === callCode.validationFailed
  );
}
