/** How much work there is, in milliseconds of one worker, and how late a worker that is requested now would be. */
import type { ScalingView, WorkView } from "./scaling-view.ts";

/** Until one has been measured. The cases told of lie between 20 s (small image) and 90 s (docs/decisions/0020-scaling.md). */
const unknownStartUpMs = 45_000;

/**
 * Work that is assumed while no duration is known: this, times the cube root of the calls, because who maps over a
 * million elements maps something short. It is small on purpose: too few workers of a first wave can be followed by
 * more, too many are paid for. docs/decisions/0020-scaling.md has what 30 s to 900 s would do.
 */
const unknownWorkMs = 60_000;

export interface WorkEstimate {
  /** Milliseconds of one worker with all its slots. */
  readonly workerMs: number;
  /** Workers beyond this have nothing to run. */
  readonly usableWorkers: number;
  readonly callMs: number;
  readonly tailMs: number;
  readonly startUpMs: number;
  /** Whether the duration of a call was measured, in this run or an earlier one. */
  readonly known: boolean;
}

export function estimateWork(view: ScalingView): WorkEstimate {
  const { work, slotsPerWorker: slots } = view;
  const startUpMs = view.startUpMs ?? unknownStartUpMs;
  const callMs = estimateCallMs(work);
  const soon = upcomingWithin(work, startUpMs);
  // Calls in work are half done on average.
  const ownMs = (work.remainingCalls - work.runningCalls / 2) * callMs;
  const soonMs = soon.calls * (soon.callMs ?? assumedCallMs(soon.calls));
  const { messages, messageMs } = work.otherRuns;
  return {
    workerMs: (ownMs + soonMs + messages * messageMs) / slots,
    usableWorkers: Math.ceil((work.remainingCalls + soon.calls + messages) / slots),
    callMs,
    tailMs: Math.max(work.callMs?.tailMs ?? callMs, callMs),
    startUpMs,
    known: work.callMs !== undefined,
  };
}

function estimateCallMs(work: WorkView): number {
  return Math.max(work.callMs?.meanMs ?? assumedCallMs(work.remainingCalls), work.runningForMs);
}

export function assumedCallMs(calls: number): number {
  if (calls === 0) return 0; // whatever comes is decided about when it is there
  return unknownWorkMs / calls ** (2 / 3);
}

/** Workers for the next stage are requested when they would arrive with it, not before. */
function upcomingWithin(
  work: WorkView,
  startUpMs: number,
): { readonly calls: number; readonly callMs: number | undefined } {
  const { upcoming } = work;
  if (upcoming === undefined || upcoming.inMs > startUpMs) return { calls: 0, callMs: undefined };
  return upcoming;
}
