/** `cloudburst simulate`: a recorded run with other settings. */
import { type Command as Commander, Command, InvalidArgumentError } from "commander";
import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { readRecord } from "../observe/record-library.ts";
import { type WhatIf, whatIf } from "../simulate/what-if.ts";
import { formatWhatIf } from "../simulate/what-if-text.ts";
import { recordsDirectory } from "./records.ts";

interface SimulateFlags {
  readonly minimum?: number;
  readonly maximum?: number | null;
  readonly workers?: number;
  readonly threads?: number;
  readonly targetDuration?: number;
  readonly budget?: number;
  readonly spot?: boolean;
  readonly onDemand?: boolean;
  readonly startUp?: number;
}

export function simulateCommand(): Commander {
  return new Command("simulate")
    .description("replay a recorded run with other settings (docs/planning.md)")
    .argument("<run>", "its id, the beginning of it, or last")
    .option("--minimum <n>", "workers at least", wholeFrom(0))
    .option("--maximum <n>", "workers at most, or none", maximum)
    .option("--workers <n>", "exactly so many workers, from the first second to the last", wholeFrom(1))
    .option("--threads <n>", "calls that each worker runs at once", wholeFrom(1))
    .option("--target-duration <time>", "the remaining work is wanted done within it, such as 30s", duration)
    .option("--budget <usd>", "US dollars for workers", dollars)
    .option("--spot", "workers on Fargate Spot")
    .option("--on-demand", "workers on demand")
    .option("--start-up <time>", "what a worker takes to start, such as 20s", duration)
    .action(simulate);
}

async function simulate(run: string, flags: SimulateFlags): Promise<void> {
  const changes = changesOf(flags);
  const record = await readRecord(await recordsDirectory(), run);
  console.log(formatWhatIf(record, whatIf(record, changes)));
}

/** @throws InvalidOptionError for flags that exclude each other */
function changesOf({ minimum, maximum, workers, threads, spot, onDemand, ...rest }: SimulateFlags): WhatIf {
  if (spot === true && onDemand === true) throw new InvalidOptionError("--spot and --on-demand exclude each other");
  if (workers !== undefined && (minimum !== undefined || maximum !== undefined)) {
    throw new InvalidOptionError("--workers fixes the fleet: leave --minimum and --maximum out");
  }
  const least = workers ?? minimum;
  const most = workers ?? maximum;
  const { targetDuration, budget, startUp } = rest;
  return {
    ...(least !== undefined && { minimum: least }),
    ...(most !== undefined && { maximum: most }),
    ...(threads !== undefined && { slotsPerWorker: threads }),
    ...(targetDuration !== undefined && { targetDurationMs: targetDuration }),
    ...(budget !== undefined && { budgetUsd: budget }),
    ...((spot ?? onDemand) !== undefined && { spot: spot === true }),
    ...(startUp !== undefined && { startUpMs: startUp }),
  };
}

function wholeFrom(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`it must be a whole number of at least ${least}`);
  };
}

function maximum(text: string): number | null {
  return text === "none" ? null : wholeFrom(1)(text);
}

function dollars(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("it must be a number of US dollars above 0");
}

function duration(text: string): number {
  const ms = durationToMs(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError("it must be a time such as 500ms, 10s or 2m");
}
