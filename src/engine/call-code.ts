/** How a child of a mapped task stands, as a byte: a million children are a megabyte. */
import type { StateKind } from "../flow/state.ts";

export const callCode = {
  pending: 0,
  running: 1,
  success: 2,
  skipped: 3,
  failed: 4,
  triggerFailed: 5,
  cancelled: 6,
  retrying: 7,
} as const;

export type CallCode = (typeof callCode)[keyof typeof callCode];

/** By code. */
export const kindOfCode: readonly Exclude<StateKind, "Mapped">[] = [
  "Pending",
  "Running",
  "Success",
  "Skipped",
  "Failed",
  "TriggerFailed",
  "Cancelled",
  "Retrying",
];

export function hasEnded(code: number): boolean {
  return code >= callCode.success && code !== callCode.retrying;
}
