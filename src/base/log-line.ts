/** A line of a run's log, from wherever it was written. */

/** From the least to the most important. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Lines of this level and above are wanted; `off` for none. */
export type LogThreshold = LogLevel | "off";

export interface LogLine {
  readonly level: LogLevel;
  /** Whose line it is: a task's full name such as `inc[3]`, or `flow example`. */
  readonly task: string;
  readonly line: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export function isWanted(level: LogLevel, threshold: LogThreshold): boolean {
  return threshold !== "off" && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold);
}

/** `[2026-08-01 12:00:00.000Z] INFO - inc[3] | text`, in the order that Prefect has it. */
export function formatLogLine({ level, task, line, atMs }: LogLine): string {
  const at = new Date(atMs).toISOString().replace("T", " ");
  return `[${at}] ${level.toUpperCase()} - ${task} | ${line}`;
}
