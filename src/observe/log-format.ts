import type { LogLine } from "../base/log-line.ts";

/** `[2026-08-01 12:00:00.000Z] INFO - inc[3] | text`, in the order that Prefect has it. */
export function formatLogLine({ level, task, line, atMs }: LogLine): string {
  const at = new Date(atMs).toISOString().replace("T", " ");
  return `[${at}] ${level.toUpperCase()} - ${task} | ${line}`;
}
