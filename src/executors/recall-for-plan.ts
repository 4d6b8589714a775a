/** What earlier runs have measured that a plan can use, without asking an account which image its workers run. */
import type { ExecutorProfile } from "./executor.ts";
import { type KnownFlow, nothingKnown, type PastRuns } from "./past-runs.ts";

const localKind = "local";

export async function recallForPlan(
  pastRuns: PastRuns,
  flowName: string,
  { place, fleet }: ExecutorProfile,
): Promise<KnownFlow> {
  if (fleet === undefined) return nothingKnown;
  if (place === "local") return await pastRuns.recall(flowName, localKind);
  const { vcpu, memoryGb } = fleet.worker;
  const size = ` ${vcpu * 1024}/${memoryGb * 1024}`;
  return await pastRuns.recallOn(flowName, (kind) => kind.endsWith(size));
}
