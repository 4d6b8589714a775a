/** A recorded run beside two simulated ones: with the settings it had, which shows the simulator's error, and with others. */
import { InvalidOptionError } from "../base/errors.ts";
import type { FleetProfile } from "../executors/executor.ts";
import type { RunRecord } from "../observe/run-record.ts";
import { type DriverMemory, exactMemory, noMemory } from "./driver-view.ts";
import { type FleetOutcome, simulateFleet, type StartUp } from "./fleet-run.ts";
import { replayOf, startUpOf } from "./replay.ts";
import type { Batch } from "./trace.ts";

/** What may be otherwise than it was. */
export interface WhatIf extends Partial<
  Pick<FleetProfile, "minimum" | "maximum" | "slotsPerWorker" | "targetDurationMs" | "spot" | "budgetUsd">
> {
  readonly startUpMs?: number | undefined;
}

export interface WhatIfRow {
  readonly what: "recorded" | "simulated as it was" | "simulated otherwise";
  /** From the first request for workers to the last result. */
  readonly makespanMs: number;
  /** US dollars for workers, their addresses, and requests. */
  readonly usd: number | undefined;
  readonly workers: number;
  readonly limit: string | undefined;
}

/** @throws InvalidOptionError for a run that cannot be replayed, and for options that contradict each other */
export function whatIf(record: RunRecord, changes: WhatIf): readonly WhatIfRow[] {
  const { profile, runId } = record.header;
  const { fleet } = profile;
  if (fleet === undefined) {
    throw new InvalidOptionError(
      `run ${runId} had no workers of its own (${profile.place}): there is nothing to scale otherwise`,
    );
  }
  const { startUpMs, ...options } = changes;
  const other = { ...fleet, ...options };
  if (other.maximum !== null && other.minimum > other.maximum) {
    throw new InvalidOptionError(
      `the minimum of ${other.minimum} workers is above the maximum of ${other.maximum} (give both)`,
    );
  }
  const batches = replayOf(record);
  const startUp = startUpOf(record) ?? { ms: fleet.startUpMs ?? 45_000, sigma: 0.15 };
  const { startedAt } = record.header;
  const simulate = (as: FleetProfile, from: StartUp): FleetOutcome =>
    simulateFleet({
      batches,
      fleet: as,
      startUp: from,
      memory: memoryFor(record, batches, from),
      free: profile.place === "local",
      startedAt,
      chunkMs: record.end?.report?.chunkMs,
    });
  const before = simulate(fleet, startUp);
  const rows = [recordedRow(record), rowOf("simulated as it was", before, record)];
  if (Object.values(changes).every((change) => change === undefined)) return rows;
  const after = simulate(other, { ...startUp, ms: startUpMs ?? startUp.ms });
  return [...rows, rowOf("simulated otherwise", after, record)];
}

/** Whether the driver knew durations from an earlier run cannot be told from its record: its first decision shows it. */
function memoryFor({ decisions, header }: RunRecord, batches: readonly Batch[], startUp: StartUp): DriverMemory {
  const guessed = decisions[0]?.winner === "first wave" || decisions[0]?.sentence.includes("of perhaps") === true;
  // A driver that remembers nothing still expects what its cluster says of its workers.
  if (guessed || decisions.length === 0) return { ...noMemory, startUpMs: header.profile.fleet?.startUpMs };
  return exactMemory(batches, startUp.ms);
}

function recordedRow({ workers, chunks, cluster, end }: RunRecord): WhatIfRow {
  const launched = workers.flatMap(({ at, startUpMs }) => (startUpMs === undefined ? [] : [at - startUpMs]));
  const begin = launched.length === 0 ? (cluster?.at ?? 0) : launched.reduce((first, at) => Math.min(first, at));
  const last = chunks.reduce((latest, { at }) => Math.max(latest, at), 0);
  return {
    what: "recorded",
    makespanMs: Math.max(0, last - begin),
    usd: end?.cost?.totalUsd,
    workers: end?.report?.workers ?? workers.filter(({ what }) => what === "joined").length,
    limit: end?.report?.limitedBy,
  };
}

/** Requests to SQS and S3 are taken to be those of the recorded run. */
function rowOf(what: WhatIfRow["what"], outcome: FleetOutcome, { end }: RunRecord): WhatIfRow {
  const requests = (end?.cost?.items ?? []).filter(({ service }) => service === "SQS" || service === "S3");
  const requestsUsd = requests.reduce((sum, { usd }) => sum + usd, 0);
  return {
    what,
    makespanMs: outcome.makespanMs,
    usd: outcome.usdAtEnd + requestsUsd,
    workers: outcome.workers,
    limit: outcome.limitedBy,
  };
}
