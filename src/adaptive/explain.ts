/** One sentence for people: what was decided, from what, and which bound made it so. */
import type { BoundName } from "./decision.ts";
import type { ScalingLimits, ScalingView } from "./scaling-view.ts";
import type { WorkEstimate } from "./work-estimate.ts";
import { aliveWorkers } from "./worth.ts";

export interface Explained {
  readonly target: number;
  readonly won: BoundName;
  readonly view: ScalingView;
  readonly limits: ScalingLimits;
  readonly estimate: WorkEstimate;
  readonly now: number;
}

export function explain(explained: Explained): string {
  const { target, view } = explained;
  const there = aliveWorkers(view.fleet);
  return `${plural(target, "worker")} (${there} there or starting): ${because(explained)}`;
}

function because({ won, view, limits, estimate, now }: Explained): string {
  switch (won) {
    case "nothing to do":
      return "no call remains";
    case "target duration":
      return `${workLeft(view, estimate)} should be done within ${seconds(limits.targetDurationMs)}`;
    case "deadline":
      return `${workLeft(view, estimate)} must be done in ${seconds((limits.finishBy ?? now) - now)}`;
    case "worth":
      return `${workLeft(view, estimate)}; more would cost more than their time is worth at a start-up of ${seconds(estimate.startUpMs)}`;
    case "paid minute":
      return `${workLeft(view, estimate)}; more would not work for the ${seconds(limits.price.minimumMs)} that each is billed for`;
    case "first wave":
      return `${plural(view.work.remainingCalls, "call")} of unknown duration; more when it is known`;
    case "calls":
      return `${plural(view.work.remainingCalls, "call")} left, more workers would have nothing to run`;
    case "already there":
      return `${workLeft(view, estimate)}; those that are there have calls to run, further ones would come too late`;
    case "at least one":
      return `${workLeft(view, estimate)} is little, but somebody has to do it`;
    case "minimum":
      return "the minimum";
    case "maximum":
      return `the maximum; ${workLeft(view, estimate)} would use more`;
    case "quota":
      return `the account's quota; ${workLeft(view, estimate)} would use more`;
    case "budget":
      return `what is left of the budget, $${(limits.budgetLeftUsd ?? 0).toFixed(2)}, is enough for no more`;
  }
}

function workLeft({ work, slotsPerWorker }: ScalingView, { callMs, known }: WorkEstimate): string {
  const size = `${plural(work.remainingCalls, "call")} of ${known ? "" : "perhaps "}${seconds(callMs)}`;
  const others =
    work.otherRuns.messages === 0 ? "" : ` and ${plural(work.otherRuns.messages, "message")} of other runs`;
  return `${size}${others}${slotsPerWorker === 1 ? "" : ` (${slotsPerWorker} at once per worker)`}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function seconds(ms: number): string {
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`;
  return ms >= 100 ? `${(ms / 1000).toFixed(1)} s` : `${Number(ms.toPrecision(2))} ms`;
}
