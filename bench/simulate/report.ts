/** Results of all policies on all traces, relative to the oracle, for people and for machines. */
import type { Outcome } from "../../src/simulate/outcome.ts";

export interface Result {
  readonly trace: string;
  readonly policy: string;
  readonly seed: number;
  readonly makespanMs: number;
  readonly usd: number;
  readonly peak: number;
  readonly busyStopped: number;
  /** Cost x makespan, relative to the oracle's; cost until the fleet is at its minimum again. */
  readonly ratio: number;
  /** The same with every worker stopped, by whomever, when the last call ended. */
  readonly ratioAtEnd: number;
}

export function compare(
  trace: string,
  seed: number,
  outcomes: ReadonlyMap<string, Outcome>,
  oracle: Outcome,
): readonly Result[] {
  // Whoever finds a better schedule than the search has, moves the mark.
  const best = Math.min(
    oracle.makespanMs * oracle.usd,
    ...[...outcomes.values()].map((each) => each.makespanMs * each.usdAtEnd),
  );
  return [...outcomes, ["oracle", oracle] as const].map(
    ([policy, { makespanMs, usd, usdAtEnd, peak, busyStopped }]) => {
      const [ratio, ratioAtEnd] = [(makespanMs * usd) / best, (makespanMs * usdAtEnd) / best];
      return { trace, policy, seed, makespanMs, usd, peak, busyStopped, ratio, ratioAtEnd };
    },
  );
}

export interface Summary {
  readonly policy: string;
  readonly ratio: number;
  readonly ratioAtEnd: number;
}

export function summarise(results: readonly Result[]): readonly Summary[] {
  return namesOf(results, "policy").map((policy) => {
    const own = results.filter((result) => result.policy === policy);
    return {
      policy,
      ratio: geometricMean(own.map(({ ratio }) => ratio)),
      ratioAtEnd: geometricMean(own.map(({ ratioAtEnd }) => ratioAtEnd)),
    };
  });
}

/** One row for each trace, one column for each policy: ratio, makespan and cost; geometric means over the seeds. */
export function table(results: readonly Result[]): string {
  const policies = namesOf(results, "policy");
  const rows = [
    ["", ...policies],
    ...namesOf(results, "trace").map((trace) => [trace, ...policies.map((policy) => cell(results, trace, policy))]),
    ["geometric mean", ...summarise(results).map(({ ratio }) => ratio.toFixed(2))],
    ["  fleet stopped at the end", ...summarise(results).map(({ ratioAtEnd }) => ratioAtEnd.toFixed(2))],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  ");
  return rows.map(line).join("\n");
}

function cell(results: readonly Result[], trace: string, policy: string): string {
  const own = results.filter((result) => result.trace === trace && result.policy === policy);
  const seconds = geometricMean(own.map(({ makespanMs }) => makespanMs / 1000));
  const usd = geometricMean(own.map((result) => result.usd));
  return `${geometricMean(own.map(({ ratio }) => ratio)).toFixed(2)} ${seconds.toFixed(0)}s $${usd.toPrecision(2)}`;
}

function namesOf(results: readonly Result[], key: "policy" | "trace"): readonly string[] {
  return [...new Set(results.map((result) => result[key]))];
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
