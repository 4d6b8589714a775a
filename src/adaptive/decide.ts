/**
 * How many workers there should be: a pure function of what is seen, so that every decision can be replayed.
 *
 *  S1 Within [minimum, maximum], quota and budget, whatever is wanted.
 *  S2 Never more than have a call to run, but for the minimum.
 *  S3 Workers that are there or on their way count; they stay while there are calls for them.
 *  S4 More remaining work never makes the target smaller.
 *  S5 0 only when nothing remains and the minimum is 0, or when the money is used up.
 */
import { type Bound, type BoundName, type Decision } from "./decision.ts";
import { explain } from "./explain.ts";
import type { ScalingLimits, ScalingView } from "./scaling-view.ts";
import { estimateWork, type WorkEstimate } from "./work-estimate.ts";
import { aliveWorkers, arrivalMs, fleetWorth } from "./worth.ts";

/** @param now milliseconds since the epoch */
export function decide(view: ScalingView, limits: ScalingLimits, now: number): Decision {
  const estimate = estimateWork(view);
  const bounds = [...softBounds(view, limits, estimate, now), ...hardBounds(limits, estimate)];
  const { target, won } = apply(bounds);
  const alive = aliveWorkers(view.fleet);
  return {
    at: now,
    target,
    launch: Math.max(0, target - alive),
    surplus: Math.max(0, alive - target),
    reason: { bounds, won, sentence: explain({ target, won, view, limits, estimate, now }) },
  };
}

/** What the work asks for. */
function softBounds(view: ScalingView, limits: ScalingLimits, estimate: WorkEstimate, now: number): Bound[] {
  const { usableWorkers } = estimate;
  const stay = Math.min(aliveWorkers(view.fleet), usableWorkers);
  if (usableWorkers === 0) return [want("nothing to do", 0)];
  return [
    ...wanted(view, limits, estimate, now),
    ...(estimate.known ? [] : [atMost("first wave", firstWave)]),
    atMost("calls", usableWorkers),
    atLeast("already there", stay),
    atLeast("at least one", 1),
  ];
}

/** A deadline says what time is worth; without one, workers have to pay. */
function wanted(view: ScalingView, limits: ScalingLimits, estimate: WorkEstimate, now: number): Bound[] {
  if (limits.finishBy !== undefined) return [want("deadline", deadlineNeeds(view, estimate, limits.finishBy - now))];
  const worth = fleetWorth(view, estimate, limits.price);
  return [
    want("target duration", Math.ceil(estimate.workerMs / limits.targetDurationMs)),
    atMost("worth", Math.round(worth.best)),
    atMost("paid minute", Math.round(worth.paidMinute)),
  ];
}

/** What a run must keep to, whatever it wants. */
function hardBounds(limits: ScalingLimits, estimate: WorkEstimate): Bound[] {
  const { minimum, maximum, quotaWorkers, budgetLeftUsd } = limits;
  return [
    ...(minimum > 0 ? [atLeast("minimum", minimum)] : []),
    ...(maximum === null ? [] : [atMost("maximum", maximum)]),
    ...(quotaWorkers === undefined ? [] : [atMost("quota", quotaWorkers)]),
    ...(budgetLeftUsd === undefined ? [] : [atMost("budget", budgetAllows(budgetLeftUsd, limits, estimate))]),
  ];
}

/**
 * Workers until the duration of a call is known: what the account launches at once. Should the calls turn out to be
 * very short, this is what has been paid for nothing: about seven cents.
 */
const firstWave = 100;
/** Durations vary: a deadline is aimed at as if it were this much nearer. */
const deadlineMargin = 0.1;

/** Workers that finish by then, those that are there and that arrive before counted for what they will do. */
function deadlineNeeds(view: ScalingView, estimate: WorkEstimate, leftMs: number): number {
  const { fleet } = view;
  const { startUpMs, workerMs, callMs, usableWorkers } = estimate;
  // The last call of each worker ends half a call later than the average.
  const usableMs = leftMs * (1 - deadlineMargin) - callMs / 2;
  const perNewMs = usableMs - startUpMs;
  const thereMs = (fleet.busy + fleet.idle) * usableMs + fleet.starting * (usableMs - arrivalMs(fleet, startUpMs));
  if (usableMs > 0 && thereMs >= workerMs) return Math.ceil(workerMs / usableMs);
  if (perNewMs <= 0) return usableWorkers; // too late for anything but all that helps
  return aliveWorkers(fleet) + Math.ceil((workerMs - Math.max(0, thereMs)) / perNewMs);
}

/**
 * Each worker may still cost its billed minimum, or the longest call that it has begun: only as many may be there as the
 * money is enough for. So the fleet shrinks as the money does, and nothing is overspent.
 */
function budgetAllows(
  leftUsd: number,
  { price, leaveMs = 0 }: ScalingLimits,
  { startUpMs, tailMs }: WorkEstimate,
): number {
  if (price.usdPerHour <= 0) return Infinity;
  const committedMs = Math.max(price.minimumMs, startUpMs - price.unbilledStartUpMs + tailMs) + leaveMs;
  return Math.max(0, Math.floor((leftUsd / price.usdPerHour) * (3_600_000 / committedMs)));
}

/** The first bound is what is wanted; each further one moves the number or lets it be. */
function apply(bounds: readonly Bound[]): { readonly target: number; readonly won: BoundName } {
  let target = 0;
  let won: BoundName = "nothing to do";
  for (const { name, kind, workers } of bounds) {
    const holds = kind === "at-most" ? target <= workers : kind === "at-least" ? target >= workers : false;
    if (holds) continue;
    target = workers;
    won = name;
  }
  return { target, won };
}

function want(name: BoundName, workers: number): Bound {
  return { name, kind: "want", workers };
}

function atMost(name: BoundName, workers: number): Bound {
  return { name, kind: "at-most", workers };
}

function atLeast(name: BoundName, workers: number): Bound {
  return { name, kind: "at-least", workers };
}
