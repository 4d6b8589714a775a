/** What a run tells its observers while it goes on. */

import type { LogLevel } from "../base/log-line.ts";
import type { ClusterReport, ExecutorEvent, ExecutorProfile } from "../executors/executor.ts";
import type { FlowState } from "./flow-state.ts";
import type { StateKind } from "./state.ts";

export type RunEvent =
  | {
      readonly type: "run-started";
      readonly runId: string;
      readonly flowName: string;
      readonly executor: string;
      /** What is known of the executor's options. */
      readonly profile?: ExecutorProfile | undefined;
    }
  /** The width of a task became known: so many more calls are to be run. */
  | { readonly type: "calls-planned"; readonly slug: string; readonly calls: number }
  /** Calls ended. Those skipped are among the successful, those trigger-failed among the failed. */
  | { readonly type: "calls-settled"; readonly slug: string; readonly successful: number; readonly failed: number }
  /** A task began: its first attempt, or, where it is mapped, its children. */
  | { readonly type: "task-started"; readonly slug: string }
  /** Calls failed, or asked for it, and are made again. */
  | {
      readonly type: "calls-retrying";
      readonly slug: string;
      readonly calls: number;
      readonly message: string;
      readonly at: Date;
    }
  /** A call waits for somebody's word. */
  | {
      readonly type: "task-paused";
      readonly slug: string;
      readonly mapIndex: number | undefined;
      readonly message: string;
    }
  /** It may go on. */
  | { readonly type: "task-resumed"; readonly slug: string; readonly mapIndex: number | undefined }
  | { readonly type: "task-finished"; readonly slug: string; readonly kind: StateKind; readonly message: string }
  | {
      readonly type: "run-finished";
      readonly kind: FlowState["kind"];
      readonly message: string;
      readonly elapsedMs: number;
      readonly report: ClusterReport | undefined;
    }
  /** A line of the log. `task` is the full name of the task that wrote it, such as `inc[3]`. */
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly task: string;
      readonly line: string;
      readonly at: Date;
    }
  /** A flow with a schedule waits for its next event. */
  | { readonly type: "run-scheduled"; readonly flowName: string; readonly at: Date }
  /** A run of a flow with a schedule could not even begin; the schedule goes on. */
  | { readonly type: "run-broken"; readonly flowName: string; readonly error: Error }
  /** Something the executor told about its own doings. */
  | { readonly type: "executor"; readonly event: ExecutorEvent };

/** Called for each event, in order. What it throws is ignored: watching a run never disturbs it. */
export type RunObserver = (event: RunEvent) => void;
