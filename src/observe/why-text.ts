/** What a record says of the size of the fleet, as people read it. */
import { InvalidOptionError } from "../base/errors.ts";
import { durationToMs } from "../base/duration.ts";
import { formatDuration, formatQuantity, formatUsd } from "./human-units.ts";
import type { RecordedDecision, RunRecord } from "./run-record.ts";
import { textTable } from "./text-table.ts";

/** All decisions: a table, and the sentences below it. */
export function formatDecisions(record: RunRecord): string {
  const { decisions, end, header } = record;
  const head = `${header.flow}, run ${header.runId}, started ${new Date(header.startedAt).toISOString()}`;
  if (decisions.length === 0) return [head, "", nothingDecided(record)].join("\n");
  const rows = decisions.map(({ at, target, workers, pending, winner }) => [
    formatDuration(at),
    String(target),
    String(workers),
    String(pending),
    winner,
  ]);
  return [
    head,
    "",
    textTable([["after", "target", "there", "starting", "decided by"], ...rows]),
    "",
    ...decisions.map(({ at, sentence }) => `${formatDuration(at)}: ${sentence}`),
    "",
    ending(end),
  ].join("\n");
}

/** The decision that held at a time, with every bound. */
export function formatDecisionAt(record: RunRecord, atMs: number): string {
  const decision = record.decisions.findLast(({ at }) => at <= atMs);
  if (decision === undefined) {
    const [first] = record.decisions;
    if (first === undefined) return nothingDecided(record);
    throw new InvalidOptionError(
      `nothing had been decided ${formatDuration(atMs)} after the run's start (the first decision was made after ${formatDuration(first.at)})`,
    );
  }
  const { at, target, workers, pending, winner, sentence } = decision;
  return [
    `${formatDuration(at)} after the start: ${sentence}`,
    "",
    `target ${target}, ${workers} there, ${pending} starting; decided by: ${winner}`,
    "",
    textTable([["bound", "workers", ""], ...boundRows(decision)]),
  ].join("\n");
}

function boundRows({ bounds, winner }: RecordedDecision): readonly (readonly string[])[] {
  return bounds.map(({ name, value }) => [name, value === null ? "–" : String(value), name === winner ? "◄" : ""]);
}

/**
 * Milliseconds after the run's start.
 * @param given after the start (`90s`, `2m`), or a time with its date (`2026-11-21T12:53:30Z`)
 * @throws InvalidOptionError for what is neither, and for a time before the run
 */
export function timeInRun(given: string, { header, end }: RunRecord): number {
  const relative = durationToMs(given.replace(/^\+/u, ""));
  if (!Number.isNaN(relative)) return relative;
  const absolute = /^\d{4}-\d\d-\d\d/u.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(absolute)) {
    throw new InvalidOptionError(
      `the time must be one after the run's start such as 90s or 2m, or one with its date such as ${new Date(header.startedAt).toISOString()}, got ${JSON.stringify(given)}`,
    );
  }
  const atMs = absolute - header.startedAt;
  if (atMs >= 0 && (end === undefined || atMs <= end.at)) return atMs;
  const until = end === undefined ? "" : ` to ${new Date(header.startedAt + end.at).toISOString()}`;
  throw new InvalidOptionError(
    `the run was not going on at ${given}: it went from ${new Date(header.startedAt).toISOString()}${until}`,
  );
}

function nothingDecided({ header, end }: RunRecord): string {
  const { place, fleet } = header.profile;
  if (fleet !== undefined && fleet.minimum === fleet.maximum) {
    return `nothing was decided: the run had ${formatQuantity(fleet.minimum, "worker")} from the first to the last (no \`adaptKwargs\`)`;
  }
  if (place === "shared") return "nothing was decided: the workers are a shared cluster's, whose service scales them";
  return `nothing was decided: the run ${end === undefined ? "has no end in its record" : "ended"} before its fleet was looked at`;
}

function ending(end: RunRecord["end"]): string {
  if (end === undefined) return "the record has no end: the run goes on, or its driver died";
  const { report, cost } = end;
  const limited = report?.limitedBy === undefined ? "" : `; limited by ${report.limitedBy}`;
  return `${end.kind} after ${formatDuration(end.at)}${cost === undefined ? "" : `, ${formatUsd(cost.totalUsd)}`}${limited}`;
}
