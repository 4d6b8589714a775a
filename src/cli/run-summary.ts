/** What a run on workers of its own was planned to take, and what it took and cost. */
import type { Executor } from "../executors/executor.ts";
import type { PlanOptions } from "../flow/flow-plan.ts";
import type { FlowState } from "../flow/flow-state.ts";
import { priceFleet } from "../observe/cost.ts";
import type { RunTally } from "../observe/run-tally.ts";
import { formatSummary, type PlannedRun } from "../observe/summary.ts";
import type { LoadedFlow } from "./load-flows.ts";

/** Undefined where a plan would be a guess: the number of calls is not known, or how long they take. */
export async function likelyOutcome(flow: LoadedFlow["flow"], options: PlanOptions): Promise<PlannedRun | undefined> {
  if (options.executor?.profile?.fleet === undefined) return undefined;
  const { outcome, tasks } = await flow.plan(options);
  const guessed = tasks.some(({ callMsFrom }) => callMsFrom === "assumption");
  return guessed ? undefined : outcome?.likely;
}

/** Undefined for a run in this process, and for one that never came to its cluster. */
export function summaryOf(
  state: FlowState,
  executor: Executor,
  tally: RunTally,
  planned: PlannedRun | undefined,
): string | undefined {
  const { kind, elapsedMs, report } = state;
  if (report === undefined) return undefined;
  const fleet = executor.profile?.fleet;
  const cost = fleet && priceFleet(report, fleet);
  return formatSummary({ ...tally, kind, elapsedMs, report }, cost, planned);
}
