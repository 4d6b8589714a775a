/** `context`: what a task's body can ask about its call, its task and its run, on every executor. */
import { createHash } from "node:crypto";
import { dayOf, withoutDashes } from "../base/days.ts";
import { CloudburstError } from "../base/errors.ts";
import { type CurrentCall, currentCalls } from "./current-call.ts";
import { type Logger, loggerOf } from "./logger.ts";

/** Each property throws {@link CloudburstError} `no_task` outside of a task's body. Days are those of UTC. */
export interface TaskContext {
  /** The flow's parameters, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Which child of a mapped task this is; undefined in a plain task. */
  readonly mapIndex: number | undefined;
  readonly taskName: string;
  /** `name`, or `name[3]` for a child of a mapped task. */
  readonly taskFullName: string;
  /** Tells the uses of a task in a flow apart; the same for all children and attempts. */
  readonly taskSlug: string;
  readonly taskTags: readonly string[];
  /** 1 for the first attempt, 2 for the first retry. Going on after a pause is no new attempt. */
  readonly taskRunCount: number;
  /** True once the body has paused by PAUSE and somebody has let it go on: it begins again from its beginning. */
  readonly resumed: boolean;
  /** 1 for the first turn, one more after each LOOP. A retry begins at 1 again. */
  readonly taskLoopCount: number;
  /** The `result` of the LOOP that brought this turn about; undefined in the first one. */
  readonly taskLoopResult: unknown;
  readonly flowName: string;
  readonly flowRunId: string;
  /** As given by `run({ context: { flowRunName } })`. */
  readonly flowRunName: string | undefined;
  /** When the run's schedule wanted it; without one, when it began. */
  readonly scheduledStartTime: Date;
  /** When the run began, or as given by `run({ context: { date } })`. */
  readonly date: Date;
  /** The day of `date`, as `2026-08-01`. */
  readonly today: string;
  readonly yesterday: string;
  readonly tomorrow: string;
  /** As `20260801`. */
  readonly todayNodash: string;
  readonly yesterdayNodash: string;
  readonly tomorrowNodash: string;
  readonly logger: Logger;
  /** Aborts when the task's `timeout` has passed, or when the run is cancelled. */
  readonly signal: AbortSignal;
  /**
   * 32 characters that are the same for every attempt and every delivery of this turn of this call, and for no other:
   * for services that do a thing once for each key.
   */
  readonly idempotencyKey: string;
  /** A key of `run({ context })`; undefined when it is not there. */
  get(key: string): unknown;
}

function current(): CurrentCall {
  const call = currentCalls().getStore();
  if (call !== undefined) return call;
  throw new CloudburstError(
    "no_task",
    "`context` tells of the call whose task is running, and none is: use it inside of a task's body, not at the top level " +
      "of a module, in a flow's builder or in a handler",
  );
}

const run = (): CurrentCall["subject"]["run"] => current().subject.run;
const day = (offset: number): string => dayOf(run().dateMs, offset);

function keyOf({ subject, mapIndex, loopCount }: CurrentCall): string {
  const place = [subject.run.runId, subject.taskSlug, mapIndex ?? "", loopCount].join(" ");
  return createHash("sha256").update(place).digest("hex").slice(0, 32);
}

export const context: TaskContext = {
  get parameters() {
    return run().parameters;
  },
  get mapIndex() {
    return current().mapIndex;
  },
  get taskName() {
    return current().subject.taskName;
  },
  get taskFullName() {
    return current().fullName;
  },
  get taskSlug() {
    return current().subject.taskSlug;
  },
  get taskTags() {
    return current().subject.taskTags;
  },
  get taskRunCount() {
    return current().subject.taskRunCount;
  },
  get resumed() {
    return current().subject.resumed;
  },
  get taskLoopCount() {
    return current().loopCount;
  },
  get taskLoopResult() {
    return current().loopResult;
  },
  get flowName() {
    return run().flowName;
  },
  get flowRunId() {
    return run().runId;
  },
  get flowRunName() {
    return run().runName;
  },
  get scheduledStartTime() {
    return new Date(run().scheduledStartTimeMs);
  },
  get date() {
    return new Date(run().dateMs);
  },
  get today() {
    return day(0);
  },
  get yesterday() {
    return day(-1);
  },
  get tomorrow() {
    return day(1);
  },
  get todayNodash() {
    return withoutDashes(day(0));
  },
  get yesterdayNodash() {
    return withoutDashes(day(-1));
  },
  get tomorrowNodash() {
    return withoutDashes(day(1));
  },
  get logger() {
    return loggerOf(current());
  },
  get signal() {
    return current().signal;
  },
  get idempotencyKey() {
    return keyOf(current());
  },
  get(key) {
    return run().context[key];
  },
};
