/** Where the lines of a run go, and which of them the library writes itself. */
import { isWanted, type LogLevel, type LogLine } from "../base/log-line.ts";
import type { ExecutorEvent } from "../executors/executor.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { RunCalls } from "./calls.ts";

/** Makes events of lines, for a run that somebody observes. */
export function logEvents(emit: RunObserver): (line: LogLine) => void {
  return ({ level, task, line, atMs }) => emit({ type: "log", level, task, line, at: new Date(atMs) });
}

/** A line of the library's own, where its lines are wanted. */
export function narrate(calls: RunCalls, line: string): void {
  if (isWanted("info", calls.facts.runnerLogLevel)) write(calls, "info", line);
}

/** Takes what the executor tells: events for the observer, and of a run without one the warnings as lines. */
export function executorEvents(emit: RunObserver, isObserved: boolean, calls: RunCalls) {
  return (event: ExecutorEvent): void => {
    emit({ type: "executor", event });
    if (isObserved || event.kind !== "warning") return;
    if (isWanted("warn", calls.facts.logLevel)) write(calls, "warn", event.message);
  };
}

function write({ facts, world }: RunCalls, level: LogLevel, line: string): void {
  world.log({ level, task: `flow ${facts.flowName}`, line, atMs: world.clock.now() });
}
