/** Where a run stands, folded from its events. */

import { unreachable } from "../base/errors.ts";
import type { ExecutorEvent } from "../executors/executor.ts";
import type { RunEvent } from "../flow/run-event.ts";

export interface RunTally {
  readonly flowName: string;
  /** Calls known to be run; grows while the widths of mapped tasks become known. */
  readonly planned: number;
  readonly successful: number;
  readonly failed: number;
  /** Calls that wait for their next attempt, by the time in milliseconds at which it is due. Past times count no more. */
  readonly retrying: ReadonlyMap<number, number>;
  /** Calls that wait for somebody's word. */
  readonly paused: number;
  /** Workers that are there now; 0 for executors without any. */
  readonly workers: number;
}

export const EMPTY_TALLY: RunTally = {
  flowName: "",
  planned: 0,
  successful: 0,
  failed: 0,
  retrying: new Map(),
  paused: 0,
  workers: 0,
};

export function countEvent(tally: RunTally, event: RunEvent): RunTally {
  switch (event.type) {
    case "run-started":
      return { ...EMPTY_TALLY, flowName: event.flowName };
    case "calls-planned":
      return { ...tally, planned: tally.planned + event.calls };
    case "calls-settled":
      return { ...tally, successful: tally.successful + event.successful, failed: tally.failed + event.failed };
    case "executor":
      return { ...tally, workers: workersAfter(tally.workers, event.event) };
    case "calls-retrying":
      return { ...tally, retrying: addRetrying(tally.retrying, event.at.getTime(), event.calls) };
    case "task-paused":
      return { ...tally, paused: tally.paused + 1 };
    case "task-resumed":
      return { ...tally, paused: Math.max(0, tally.paused - 1) };
    case "task-started":
    case "task-finished":
    case "log":
    case "run-scheduled":
    case "run-broken":
    case "run-finished":
      return tally;
    default:
      return unreachable(event);
  }
}

/** Calls whose next attempt is still to come at `nowMs`. */
export function waitingRetries({ retrying }: RunTally, nowMs: number): number {
  let calls = 0;
  for (const [dueMs, waiting] of retrying) if (dueMs > nowMs) calls += waiting;
  return calls;
}

/** Grouped by the second, so that a million calls with delays of their own make no million groups. */
function addRetrying(known: RunTally["retrying"], dueMs: number, calls: number): RunTally["retrying"] {
  const second = Math.ceil(dueMs / 1000) * 1000;
  return new Map(known).set(second, (known.get(second) ?? 0) + calls);
}

/** Calls that have ended, well or not. */
export function settledCalls(tally: RunTally): number {
  return tally.successful + tally.failed;
}

function workersAfter(workers: number, event: ExecutorEvent): number {
  switch (event.kind) {
    case "cluster-started":
    case "worker-joined":
      return event.workers;
    case "worker-lost":
    case "worker-left":
      return Math.max(0, workers - 1);
    case "chunk-committed":
    case "warning":
    case "scaling-decided":
      return workers;
    default:
      return unreachable(event);
  }
}
