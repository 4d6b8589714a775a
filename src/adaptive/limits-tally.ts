/** What kept a run from having more workers, by the time for which it did so while there was work. */
import type { BoundName } from "./decision.ts";
import { launchObstacle } from "./launch-planner.ts";
import type { RoundResult } from "./scale-round.ts";
import type { ScalingLimits } from "./scaling-view.ts";

export type Limit =
  "work" | "fixed number of workers" | "maximum" | "quota" | "budget" | "launch rate" | "Spot" | "capacity";

export type LimitsTally = ReadonlyMap<Limit, number>;

/** What held in one round: what keeps workers that were decided on from starting, else what decided. */
export function limitOfRound(
  { state, decision, actions }: RoundResult,
  limits: Pick<ScalingLimits, "minimum" | "maximum">,
  now: number,
): Limit {
  const requested = actions.reduce((sum, action) => sum + (action.kind === "launch" ? action.launch.count : 0), 0);
  const obstacle = requested < decision.launch ? launchObstacle(state.launches, now) : undefined;
  return obstacle ?? limitOf(decision.reason.won, limits.minimum === limits.maximum);
}

/**
 * Which limit a decision's winner stands for: what is not imposed from outside is a matter of the work. So is the minimum,
 * which only says that there are more workers than the work would have.
 */
function limitOf(won: BoundName, fixed: boolean): Limit {
  switch (won) {
    case "maximum":
      return fixed ? "fixed number of workers" : won;
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
  "fixed number of workers": "more workers would have been worth their price",
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
