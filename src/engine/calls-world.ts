/** What the lives of calls, plain and mapped, have in common during one run. */
import { toError } from "../base/errors.ts";
import type { Executor, IndexRange } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { OnPause } from "../flow/run-options.ts";
import type { StateChange } from "../flow/state.ts";
import type { Activity } from "./activity.ts";
import type { CallProgress } from "./call-state.ts";
import type { RunCalls } from "./calls.ts";
import type { SettledCounts } from "./child-states.ts";
import type { DueQueue } from "./due-queue.ts";
import type { KeptCalls } from "./kept-calls.ts";
import type { MappedRun } from "./mapped-run.ts";
import type { RetryWorld } from "./retries.ts";
import { taskRunOf } from "./tell-handlers.ts";

/** Who is told how calls ended. */
export interface DispatchListener {
  plainEnded(id: number, state: CallProgress): void;
  /** A call begins, or waits for its next attempt or for somebody's word. */
  plainChanged(id: number, state: CallProgress): void;
  childrenEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void;
  historyOf(id: number): readonly StateChange[];
}

export interface CallsWorld extends RetryWorld {
  readonly calls: RunCalls;
  readonly executor: Executor;
  readonly listener: DispatchListener;
  /** Never throws. */
  readonly emit: RunObserver;
  readonly onPause: OnPause | undefined;
  readonly activity: Activity;
  readonly due: DueQueue;
  readonly kept: KeptCalls;
}

/** A call that waits for somebody's word. */
export interface PausedCall {
  readonly node: TaskNode;
  readonly index: number | undefined;
  readonly message: string;
  /** It may go on. */
  readonly resume: () => void;
  readonly fail: (error: Error) => void;
}

/** Asks whether the call may go on; where nobody answers, or says no, it stays as it is. */
export function askAbout({ node, index, message, resume, fail }: PausedCall, world: CallsWorld): void {
  const { activity, onPause, emit } = world;
  const task = taskRunOf(node, index, world.calls.facts.runId);
  emit({ type: "task-paused", slug: node.slug, mapIndex: index, message });
  if (onPause === undefined) return;
  activity.begin(async () => {
    try {
      const answer = await onPause({ ...task, message });
      if (!answer || activity.isStopped) return;
      emit({ type: "task-resumed", slug: node.slug, mapIndex: index });
      resume();
    } catch (thrown) {
      if (!activity.isStopped) fail(toError(thrown));
    }
  });
}
