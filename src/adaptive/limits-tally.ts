/** What kept a run from having more workers, by the time for which it did so while there was work. */
import type { BoundName } from "./decision.ts";

export type Limit = "work" | "minimum" | "maximum" | "quota" | "budget" | "launch rate" | "Spot" | "capacity";

export type LimitsTally = ReadonlyMap<Limit, number>;

/** Which limit a decision's winner stands for: what is not imposed from outside is a matter of the work. */
export function limitOf(won: BoundName): Limit {
  switch (won) {
    case "minimum":
    case "maximum":
    case "quota":
    case "budget":
      return won;
    default:
      return "work";
  }
}

export function addLimit(tally: LimitsTally, limit: Limit, ms: number): LimitsTally {
  return new Map(tally).set(limit, (tally.get(limit) ?? 0) + ms);
}

const explained: Readonly<Record<Limit, string>> = {
  work: "more workers would not have been worth their price",
  minimum: "fewer workers would have been enough",
  maximum: "more workers would have been worth their price",
  quota: "the account's vCPU quota allows no more workers",
  budget: "the budget allows no more workers",
  "launch rate": "workers were started as fast as the account lets through",
  Spot: "Spot had no capacity",
  capacity: "Fargate had no capacity",
};

/** One line, undefined when there never was work: the limit that held longest, and for what share of the time. */
export function limitLine(tally: LimitsTally): string | undefined {
  const total = [...tally.values()].reduce((sum, ms) => sum + ms, 0);
  const [first] = [...tally].sort(([, a], [, b]) => b - a);
  if (first === undefined || total <= 0) return undefined;
  const [limit, ms] = first;
  return `${limit}: ${explained[limit]} (${Math.round((ms / total) * 100)} % of the time)`;
}
