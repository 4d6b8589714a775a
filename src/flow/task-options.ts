import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import type { NodeOptions } from "./graph.ts";
import { resolveTaskHandlers, TASK_HANDLER_OPTIONS, type TaskHandlerOptions } from "./handlers.ts";
import { KEEP_OPTIONS, type KeepOptions, resolveKeeping } from "./keep-options.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";
import { RETRY_OPTIONS, resolveRetryPolicy, type RetryOptions } from "./retry-policy.ts";
import { checkTags } from "./tags.ts";
import { allSuccessful, type Trigger } from "./trigger.ts";

/** How a task behaves wherever it is used. */
export interface TaskOptions extends RetryOptions, TaskHandlerOptions, KeepOptions {
  /** Decides by the ends of the upstreams whether the task runs. @default allSuccessful */
  readonly trigger?: Trigger | undefined;
  /** A skipped upstream skips the task as well, before the trigger is asked. @default true */
  readonly skipOnUpstreamSkip?: boolean | undefined;
  /** Words to find the task by: they stand in its slug, and handlers see them. @default none */
  readonly tags?: readonly string[] | undefined;
  /**
   * How long a call may take: milliseconds, or a duration such as "10s". Then `context.signal` aborts, and a call that has
   * not ended soon after is ended: on a worker by force. @default as configured, else for ever
   */
  readonly timeout?: number | string | undefined;
  /** What the body prints on standard output becomes lines of the log, at level info. @default false */
  readonly logStdout?: boolean | undefined;
}

export const TASK_OPTIONS = [
  "trigger",
  "skipOnUpstreamSkip",
  "tags",
  ...TASK_HANDLER_OPTIONS,
  "timeout",
  "logStdout",
  ...RETRY_OPTIONS,
  ...KEEP_OPTIONS,
] as const satisfies readonly (keyof TaskOptions)[];

/** Refuses what is no option of a task. */
export function checkTaskOptions(taskName: string, given: unknown): void {
  refuseUnknownOptions(`task "${taskName}"`, given, TASK_OPTIONS);
}

/** The part of a task's options that its nodes carry, checked and with defaults. */
export function resolveTaskOptions(taskName: string, given: TaskOptions): NodeOptions {
  checkTaskOptions(taskName, given);
  const { trigger = allSuccessful, skipOnUpstreamSkip = true } = given;
  if (!isTrigger(trigger)) throw wrongOption(taskName, "trigger", "a trigger such as allFinished", trigger);
  if (typeof skipOnUpstreamSkip !== "boolean") {
    throw wrongOption(taskName, "skipOnUpstreamSkip", "true or false", skipOnUpstreamSkip);
  }
  const retry = resolveRetryPolicy(taskName, given);
  const handlers = resolveTaskHandlers(`task "${taskName}"`, given);
  const tags = checkTags(`task "${taskName}"`, given.tags);
  const keeping = resolveKeeping(taskName, given);
  return {
    trigger,
    skipOnUpstreamSkip,
    ...(retry && { retry }),
    ...(handlers && { handlers }),
    ...(tags && { tags }),
    ...callOptions(taskName, given),
    ...(keeping && { keeping }),
  };
}

/** Only what was said. */
function callOptions(
  taskName: string,
  { timeout, logStdout }: TaskOptions,
): Pick<NodeOptions, "timeoutMs" | "logStdout"> {
  if (logStdout !== undefined && typeof logStdout !== "boolean") {
    throw wrongOption(taskName, "logStdout", "true or false", logStdout);
  }
  return {
    ...(timeout !== undefined && { timeoutMs: timeoutMsOf(taskName, timeout) }),
    ...(logStdout !== undefined && { logStdout }),
  };
}

/** What timers can measure, and three weeks more than a call should take. */
const longestTimeoutMs = 2 ** 31 - 1;

function timeoutMsOf(taskName: string, given: unknown): number {
  const ms = durationToMs(given);
  if (ms > 0 && ms <= longestTimeoutMs) return ms;
  throw wrongOption(taskName, "timeout", 'milliseconds above 0 or a duration such as "10s", of 24 days at most', given);
}

function isTrigger(value: unknown): boolean {
  return typeof value === "object" && value !== null && "test" in value && typeof value.test === "function";
}

function wrongOption(taskName: string, option: string, allowed: string, value: unknown): InvalidOptionError {
  return new InvalidOptionError(`${option} of task "${taskName}" must be ${allowed}, got ${preview(value)}`, {
    option,
  });
}
