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
  /** Workers that are there now; 0 for executors without any. */
  readonly workers: number;
}

export const EMPTY_TALLY: RunTally = { flowName: "", planned: 0, successful: 0, failed: 0, workers: 0 };

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
    case "task-started":
    case "calls-retrying":
    case "task-paused":
    case "task-finished":
    case "run-scheduled":
    case "run-broken":
    case "run-finished":
      return tally;
    default:
      return unreachable(event);
  }
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
      return Math.max(0, workers - 1);
    case "chunk-committed":
    case "warning":
      return workers;
    default:
      return unreachable(event);
  }
}
