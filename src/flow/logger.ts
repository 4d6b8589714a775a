import { format } from "node:util";
import type { LogLevel } from "../base/log-line.ts";
import type { CurrentCall } from "./current-call.ts";

/** Writes lines of a call's log; they carry the task's full name. Values are put together as `console.log` does it. */
export interface Logger {
  debug(message: unknown, ...values: readonly unknown[]): void;
  info(message: unknown, ...values: readonly unknown[]): void;
  warn(message: unknown, ...values: readonly unknown[]): void;
  error(message: unknown, ...values: readonly unknown[]): void;
}

export function loggerOf(call: CurrentCall): Logger {
  const at =
    (level: LogLevel) =>
    (message: unknown, ...values: readonly unknown[]): void =>
      call.log(level, format(message, ...values));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
