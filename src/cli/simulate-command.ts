/** `cloudburst simulate`: a recorded run with other settings. */
import { type Command as Commander, Command } from "commander";
import { InvalidOptionError } from "../base/errors.ts";
import { readRecord } from "../observe/record-library.ts";
import { type WhatIf, whatIf } from "../simulate/what-if.ts";
import { formatWhatIf } from "../simulate/what-if-text.ts";
import { recordsDirectory } from "./records.ts";
import { duration, type ScalingFlags, withScalingFlags } from "./scaling-flags.ts";
import { wholeFrom } from "./whole-number.ts";

interface SimulateFlags extends ScalingFlags {
  readonly workers?: number;
  readonly threads?: number;
  readonly spot?: boolean;
  readonly onDemand?: boolean;
  readonly startUp?: number;
}

export function simulateCommand(): Commander {
  const command = new Command("simulate")
    .description("replay a recorded run with other settings (docs/planning.md)")
    .argument("<run>", "its id, the beginning of the id, or last");
  return withScalingFlags(command)
    .option("--workers <n>", "exactly this many workers, from start to end", wholeFrom(1))
    .option("--threads <n>", "calls that each worker runs at once", wholeFrom(1))
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
  const most = workers ?? (maximum === "none" ? null : maximum);
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
