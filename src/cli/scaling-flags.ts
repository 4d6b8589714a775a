/** Flags that say how a fleet may scale, and how their values are read. */
import { type Command, InvalidArgumentError } from "commander";
import { durationToMs } from "../base/duration.ts";
import { wholeFrom } from "./whole-number.ts";

export interface ScalingFlags {
  readonly minimum?: number;
  readonly maximum?: number | "none";
  /** Milliseconds. */
  readonly targetDuration?: number;
  /** US dollars. */
  readonly budget?: number;
}

/** Those that every command means alike. */
export function withScalingFlags(command: Command): Command {
  return command
    .option("--minimum <n>", "workers at least", wholeFrom(0))
    .option("--maximum <n>", "workers at most, or none", maximum)
    .option("--target-duration <time>", "the remaining work is wanted done within it, such as 30s", duration)
    .option("--budget <usd>", "US dollars for workers", dollars);
}

export function duration(text: string): number {
  const ms = durationToMs(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError("it must be a time such as 500ms, 10s or 2m");
}

/** As text: commander makes '' of null. */
function maximum(text: string): number | "none" {
  return text === "none" ? text : wholeFrom(1)(text);
}

function dollars(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("it must be a number of US dollars above 0");
}
