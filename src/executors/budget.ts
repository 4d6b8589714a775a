/** Ends a run whose money is used up. */
import type { Decision } from "../adaptive/decision.ts";
import { CloudburstError } from "../base/errors.ts";
import type { FleetScaling } from "./fleet-scaling.ts";
import type { Roster } from "./roster.ts";
import type { Workload } from "./workload.ts";

export interface Spending {
  readonly scaling: Pick<FleetScaling, "budgetUsd" | "intervalMs">;
  readonly roster: Roster;
  readonly decision: Decision;
  readonly load: Workload;
  readonly now: number;
  /** Id of the run if it can be resumed. */
  readonly resumableId?: string | undefined;
}

/**
 * The fleet is drained as the money runs short; the run ends when the last worker has left, or, where a call takes longer
 * than any before it, when the last cent would be
 * spent before the next look.
 * @throws CloudburstError `budget_exhausted` with what was spent, what is left to do and how to go on
 */
export function checkBudget({ scaling, roster, decision, load, now, resumableId }: Spending): void {
  const { budgetUsd, intervalMs } = scaling;
  if (budgetUsd === undefined) return;
  const { usd: spentUsd } = roster.spent(now);
  const drained = decision.target === 0 && decision.reason.won === "budget" && roster.alive.length === 0;
  if (!drained && roster.spent(now + intervalMs).usd <= budgetUsd) return;
  const remainingCalls = load.tasks.reduce((sum, task) => sum + task.remainingCalls, 0);
  throw new CloudburstError(
    "budget_exhausted",
    message({ budgetUsd, spentUsd, remainingCalls, workers: roster.count, resumableId }),
    {
      data: { budgetUsd, spentUsd, remainingCalls },
    },
  );
}

function message(facts: {
  readonly budgetUsd: number;
  readonly spentUsd: number;
  readonly remainingCalls: number;
  readonly workers: number;
  readonly resumableId: string | undefined;
}): string {
  const { budgetUsd, spentUsd, remainingCalls, workers, resumableId } = facts;
  const goOn =
    resumableId === undefined
      ? "raise adaptKwargs.budget.usd and run the flow again"
      : `go on with a budget of its own: npx cloudburst resume ${resumableId} --budget <usd>`;
  if (workers === 0) {
    return `the budget of ${usd(budgetUsd)} does not pay for the time for which a single worker is billed at least (raise adaptKwargs.budget.usd)`;
  }
  return (
    `the budget of ${usd(budgetUsd)} is used up: ${usd(spentUsd)} was spent on ${workers} ` +
    `${workers === 1 ? "worker" : "workers"}, and ${remainingCalls} ${remainingCalls === 1 ? "call" : "calls"} that could ` +
    `run now remain (${goOn})`
  );
}

/** Two digits that say something: $1.25, $0.0031. */
function usd(amount: number): string {
  return `$${amount >= 0.1 || amount === 0 ? amount.toFixed(2) : amount.toPrecision(2)}`;
}
