/** The words of a progress line. */

import type { createColors } from "picocolors";
import type { ExecutorEvent } from "../executors/executor.ts";
import { formatCount, formatDuration, formatQuantity, formatRate } from "./human-units.ts";
import { settledCalls, type RunTally, waitingRetries } from "./run-tally.ts";

export type Colors = ReturnType<typeof createColors>;

type ClusterStarted = Extract<ExecutorEvent, { readonly kind: "cluster-started" }>;

const BAR_WIDTH = 24;
/** Before so many calls have ended, or this share of them, the rate is that of the start and says nothing of the rest. */
const ETA_FROM_CALLS = 5;
const ETA_FROM_SHARE = 0.2;

/** @param perSecond undefined while the rate cannot be told */
export function formatProgress(
  tally: RunTally,
  { perSecond, nowMs }: { readonly perSecond: number | undefined; readonly nowMs: number },
  colors: Colors,
): string {
  const done = settledCalls(tally);
  const left = tally.planned - done;
  const retrying = waitingRetries(tally, nowMs);
  const parts = [
    colors.bold(tally.flowName),
    ...(tally.planned === 0 ? ["starting"] : [doneOf(done, tally.planned)]),
    ...(perSecond === undefined ? [] : [formatRate(perSecond)]),
    ...(perSecond === undefined || left === 0 || isTooEarly(done, tally.planned)
      ? []
      : [`${formatDuration((1000 * left) / perSecond)} to go`]),
    ...(tally.workers === 0 ? [] : [formatQuantity(tally.workers, "worker")]),
    ...(tally.failed === 0 ? [] : [colors.red(`${formatCount(tally.failed)} failed`)]),
    ...(retrying === 0 ? [] : [colors.yellow(`${formatCount(retrying)} to be retried`)]),
    ...(tally.paused === 0 ? [] : [colors.yellow(`${formatCount(tally.paused)} paused`)]),
  ];
  return parts.join("  ");
}

const isTooEarly = (done: number, planned: number): boolean =>
  done < Math.min(ETA_FROM_CALLS, ETA_FROM_SHARE * planned);

function doneOf(done: number, planned: number): string {
  const percent = String(Math.floor((100 * done) / planned)).padStart(2);
  return `${formatCount(done)}/${formatQuantity(planned, "call")}  ${percent} %`;
}

/** A bar as long as the share that is done: for terminals. */
export function formatBar(tally: RunTally, colors: Colors): string {
  const share = tally.planned === 0 ? 0 : settledCalls(tally) / tally.planned;
  const filled = Math.floor(share * BAR_WIDTH);
  return colors.green("━".repeat(filled)) + colors.dim("━".repeat(BAR_WIDTH - filled));
}

/** What was started for the run. */
export function formatCluster({ description, workers, slots }: ClusterStarted): string {
  if (workers === 0) return `${description}: shared workers`;
  return `${description}: ${formatQuantity(workers, "worker")}, ${formatQuantity(slots, "slot")}`;
}

export function formatEnd(tally: RunTally, kind: string, elapsedMs: number, colors: Colors): string {
  const mark = kind === "Success" ? colors.green("✔") : colors.red("✘");
  const calls = formatQuantity(settledCalls(tally), "call");
  const failed = tally.failed === 0 ? "" : `, ${colors.red(`${formatCount(tally.failed)} failed`)}`;
  return `${mark} ${colors.bold(tally.flowName)}  ${kind}: ${calls} in ${formatDuration(elapsedMs)}${failed}`;
}
