/** What one round of scaling looks at, put together from what the driver knows. */
import { capacityAt } from "../adaptive/capacity-choice.ts";
import { type LaunchState, unansweredWorkers } from "../adaptive/launch-planner.ts";
import type { RoundInput } from "../adaptive/scale-round.ts";
import type { ScalingLimits } from "../adaptive/scaling-view.ts";
import type { PlannedCalls } from "./executor.ts";
import { type FleetScaling, priceOf } from "./fleet-scaling.ts";
import type { KnownFlow } from "./past-runs.ts";
import type { Roster } from "./roster.ts";
import { workView } from "./scaling-work.ts";
import type { Workload } from "./workload.ts";

export interface Knowledge {
  readonly scaling: FleetScaling;
  readonly roster: Roster;
  readonly launches: LaunchState;
  readonly load: Workload;
  readonly planned: readonly PlannedCalls[] | undefined;
  readonly remembered: KnownFlow;
  /** Since when no chunk has been out. */
  readonly restingSince: number | undefined;
  readonly startedAt: number;
  readonly now: number;
}

export function roundInput(known: Knowledge): RoundInput {
  const { scaling, roster, launches, load, planned, remembered, restingSince, startedAt, now } = known;
  const { slotsPerWorker } = scaling;
  const fleet = roster.view(load.chunks, unansweredWorkers(launches), now);
  const workingForMs = roster.workingForMs(now);
  const work = workView({ load, planned, remembered: remembered.task, slotsPerWorker, workingForMs }, fleet);
  return {
    view: {
      work,
      fleet,
      slotsPerWorker,
      startUpMs: roster.startUpMs ?? remembered.startUpMs ?? scaling.startUpMs,
      elapsedMs: now - startedAt,
      spentWorkerMs: roster.spent(now).workerMs,
    },
    limits: limitsOf(known, work.callMs?.tailMs ?? 0),
    options: scaling,
    workers: () => roster.snapshots(restingSince, now),
    moreWork: work.remainingCalls > 0 || planned === undefined || planned.length > 0,
  };
}

/** @param tailMs of the longest call: those that leave may have it in hand */
function limitsOf({ scaling, roster, launches, now }: Knowledge, tailMs: number): ScalingLimits {
  const { minimum, maximum, targetDurationMs, finishBy, budgetUsd, quotaWorkers, leaveMs } = scaling;
  const onDemand = capacityAt(launches.choice, now) === "on-demand" || roster.staying.some(isOnDemand);
  const price = priceOf(scaling, onDemand ? "on-demand" : "spot");
  const farewellUsd = ((roster.leaving.length * (tailMs + leaveMs)) / 3_600_000) * price.usdPerHour;
  const budgetLeftUsd =
    budgetUsd === undefined ? undefined : Math.max(0, budgetUsd - roster.spent(now).usd - farewellUsd);
  return { minimum, maximum, targetDurationMs, finishBy, budgetLeftUsd, leaveMs, quotaWorkers, price };
}

function isOnDemand({ capacity }: { readonly capacity: string }): boolean {
  return capacity === "on-demand";
}
