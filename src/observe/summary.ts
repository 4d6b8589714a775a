/** What a run did, took and would have cost, as a few aligned lines. */

import type { ClusterReport } from "../executors/executor.ts";
import { type CostEstimate, formatPrices } from "./cost.ts";
import { formatCount, formatDuration, formatQuantity, formatUsd, usdDecimals } from "./human-units.ts";

export interface RunSummary {
  readonly flowName: string;
  /** How the run ended. */
  readonly kind: string;
  readonly elapsedMs: number;
  /** Calls that ended well, and calls that did not. */
  readonly successful: number;
  readonly failed: number;
  /** Undefined for executors that use nothing but this process. */
  readonly report: ClusterReport | undefined;
}

/** Lines of a label and a text; an empty label goes on with the one above. */
type Row = readonly [label: string, text: string];

/** What a plan said before the run. */
export interface PlannedRun {
  readonly wallMs: number;
  readonly usd: number;
}

/**
 * @param run its counts are those of `Progress.tally`, the rest is the flow's final state
 * @param planned what was likely: `plan.outcome.likely`
 */
export function formatSummary(run: RunSummary, cost?: CostEstimate, planned?: PlannedRun): string {
  const failed = run.failed === 0 ? "" : `, ${formatCount(run.failed)} of them failed`;
  const rows: Row[] = [
    ["flow", `${run.flowName}: ${run.kind} in ${formatDuration(run.elapsedMs)}`],
    ["calls", `${formatCount(run.successful + run.failed)}${chunksOf(run.report)}${failed}`],
  ];
  if (run.report !== undefined) rows.push(...clusterRows(run.report, run.elapsedMs), ...requestRows(run.report));
  if (cost !== undefined) rows.push(...costRows(cost));
  if (planned !== undefined) rows.push(["planned", plannedText(planned, run.elapsedMs, cost)]);
  if (run.report?.limitedBy !== undefined) rows.push(["limited by", run.report.limitedBy]);
  return align(rows);
}

function plannedText(planned: PlannedRun, elapsedMs: number, cost: CostEstimate | undefined): string {
  const decimals = usdDecimals(Math.max(planned.usd, cost?.totalUsd ?? 0));
  const likely = `${formatDuration(planned.wallMs)} and ${formatUsd(planned.usd, decimals)} likely`;
  const spent = cost === undefined ? "" : ` and ${formatUsd(cost.totalUsd, decimals)}`;
  return `${likely}; it was ${formatDuration(elapsedMs)}${spent}`;
}

/** Pads the labels to one width. */
function align(rows: readonly Row[]): string {
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`.trimEnd()).join("\n");
}

function chunksOf(report: ClusterReport | undefined): string {
  if (report === undefined) return "";
  const twice = report.duplicates === 0 ? "" : ` (${formatCount(report.duplicates)} delivered twice)`;
  return ` in ${formatQuantity(report.chunks, "chunk")}${twice}`;
}

function clusterRows(report: ClusterReport, elapsedMs: number): readonly Row[] {
  const size = `${formatQuantity(report.workers, "worker")} with ${formatQuantity(report.slots, "slot")} in all`;
  const times = (report.busyMs / Math.max(1, elapsedMs)).toFixed(2);
  return [
    ["cluster", `${report.cluster}: ${size}`],
    ["work", `${formatDuration(report.busyMs)} of calls in ${formatDuration(elapsedMs)}: ${times} x one slot`],
  ];
}

function requestRows(report: ClusterReport): readonly Row[] {
  const services = Object.entries(report.requests).map(([service, operations]) => {
    const counts = Object.entries(operations).toSorted(([, a], [, b]) => b - a);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const each = counts.map(([operation, count]) => `${operation} ${formatCount(count)}`).join(", ");
    return { service, total, each };
  });
  const total = services.reduce((sum, one) => sum + one.total, 0);
  return [
    ["requests", `${formatCount(total)} to AWS services`],
    ...services.map(({ service, total, each }): Row => ["", `${service.toUpperCase()} ${formatCount(total)}: ${each}`]),
  ];
}

function costRows({ items, totalUsd, prices }: CostEstimate): readonly Row[] {
  const decimals = usdDecimals(totalUsd);
  const width = Math.max(0, ...items.map((item) => item.service.length));
  return [
    ["on Fargate", `${formatUsd(totalUsd)} (${formatPrices(prices)})`],
    ...items.map(({ service, usd, basis }): Row => {
      return ["", `${service.padEnd(width)}  ${formatUsd(usd, decimals)}  ${basis}`];
    }),
  ];
}
