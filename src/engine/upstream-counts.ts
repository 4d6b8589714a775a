/** Counts what a trigger is asked about. */
import type { UpstreamCounts } from "../flow/trigger.ts";
import { callCode, hasFailed, hasSucceeded } from "./call-code.ts";
import { codeOf, type NodeState } from "./node-state.ts";

export type Counts = { -readonly [K in keyof UpstreamCounts]: UpstreamCounts[K] };

export function noCounts(): Counts {
  return { total: 0, successful: 0, failed: 0, skipped: 0 };
}

export function copyCounts(from: UpstreamCounts, to: Counts): void {
  to.total = from.total;
  to.successful = from.successful;
  to.failed = from.failed;
  to.skipped = from.skipped;
}

export function sameCounts(a: UpstreamCounts, b: UpstreamCounts): boolean {
  return a.total === b.total && a.successful === b.successful && a.failed === b.failed && a.skipped === b.skipped;
}

/** Adds `calls` upstreams that ended with `code`. Cancelled is neither successful nor failed. */
export function addCode(counts: Counts, code: number, calls = 1): void {
  counts.total += calls;
  if (code === callCode.skipped) counts.skipped += calls;
  if (hasSucceeded(code)) counts.successful += calls;
  if (hasFailed(code)) counts.failed += calls;
}

/** Adds an upstream: of a mapped one its children, not the parent. */
export function addNode(counts: Counts, state: NodeState): void {
  if (state.kind !== "Mapped") {
    addCode(counts, codeOf(state));
    return;
  }
  for (const code of Object.values(callCode)) addCode(counts, code, state.children.count(code));
}
