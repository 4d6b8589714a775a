/**
 * How many workers pay.
 *
 * One per cent faster is taken to be worth one per cent more money, over the whole run: the best fleet has the least
 * cost x time. With M workers there or on their way, k new ones that arrive after S, and G = the work that is left by
 * then, in milliseconds of one worker:
 *
 *     time(k) = E + S + G / (M + k)      E: elapsed, and the last calls that no worker can shorten
 *     cost(k) = A + B * k                A: what was spent and the work itself, B: the start-up that a worker bills
 *
 * The product is least where (M + k)^2 = G * (A - B * M) / (B * (E + S)). For a fresh burst of work w this is
 * w / sqrt(S * B): each worker should work about as long as it takes to start.
 */
import type { FleetView, ScalingView, WorkerPrice } from "./scaling-view.ts";
import type { WorkEstimate } from "./work-estimate.ts";

export interface Worth {
  /** Fleet size of least cost x time. */
  readonly best: number;
  /** Fleet size beyond which a new worker would not work for the rest of the minimum that it is billed for. */
  readonly paidMinute: number;
}

export function fleetWorth(view: ScalingView, estimate: WorkEstimate, price: WorkerPrice): Worth {
  const { fleet } = view;
  const { startUpMs, workerMs } = estimate;
  const alive = aliveWorkers(fleet);
  const billedStartUpMs = Math.max(1, startUpMs - price.unbilledStartUpMs);
  const leftMs = workLeft(fleet, estimate);
  if (leftMs <= 0) return { best: 0, paidMinute: 0 };
  const arrivingMs = fleet.starting * Math.min(arrivalMs(fleet, startUpMs), billedStartUpMs);
  const spentMs = view.spentWorkerMs + workerMs + arrivingMs - billedStartUpMs * alive;
  const fixedMs = view.elapsedMs + startUpMs + endMs(estimate);
  const best = Math.sqrt((leftMs * Math.max(0, spentMs)) / (billedStartUpMs * fixedMs));
  const unusedMinimumMs = price.minimumMs - billedStartUpMs;
  return { best, paidMinute: unusedMinimumMs <= 0 ? Infinity : leftMs / unusedMinimumMs };
}

export function aliveWorkers(fleet: FleetView): number {
  return fleet.busy + fleet.idle + fleet.starting;
}

/** Milliseconds until those that start have arrived. */
export function arrivalMs(fleet: FleetView, startUpMs: number): number {
  return Math.max(0, startUpMs - fleet.startingForMs);
}

/** Work that those who are there or on their way will not have done when a worker that is requested now arrives. */
function workLeft(fleet: FleetView, estimate: WorkEstimate): number {
  const { startUpMs, workerMs } = estimate;
  const doneMs = (fleet.busy + fleet.idle) * startUpMs + fleet.starting * (startUpMs - arrivalMs(fleet, startUpMs));
  return workerMs - doneMs;
}

/** The last calls: half a call on average, and the long ones. */
function endMs({ callMs, tailMs }: WorkEstimate): number {
  return tailMs - callMs / 2;
}
