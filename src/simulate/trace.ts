/** What a simulated run has to do, and the cloud that it meets. */
import type { Capacity } from "../adaptive/capacity-choice.ts";
import type { Billing } from "./billing.ts";
import { logNormal, type Random } from "./random.ts";

/** At a time, or so long after the last of some batches has ended, by their positions. */
export type Release =
  { readonly atMs: number } | { readonly after: readonly [number, ...number[]]; readonly delayMs: number };

/** Calls of one task that become ready at the same time. */
export interface Batch {
  readonly task: string;
  /** `sums[i]`: milliseconds of the first i calls. So a chunk's duration is one subtraction. */
  readonly sums: Float64Array;
  readonly release: Release;
  /** Whether the flow's graph shows that this batch will follow. */
  readonly announced: boolean;
  /** Whether another run of the shared cluster has sent it: then only its messages in the queue can be seen. */
  readonly foreign: boolean;
  /** For the oracle: batches of one phase share a fleet size. */
  readonly phase: number;
}

export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Cloud {
  readonly capacity: Capacity;
  /** Median of the time from RunTask to hello. */
  readonly startUpMs: number;
  readonly startUpSigma: number;
  /** Workers that the account may run. */
  readonly quota: number;
  /** Receiving, committing and telling, for each chunk. @default 30 */
  readonly chunkMs?: number | undefined;
  /** Calls that each worker runs at once. */
  readonly slotsPerWorker: number;
  readonly billing: Billing;
  /** Share of Spot requests refused, and mean time until Spot takes a worker back, in this period. */
  readonly spotStorm: (Period & { readonly refused: number; readonly meanLifeMs: number }) | undefined;
  /** In this period nothing can be launched beyond this many workers. */
  readonly drought: (Period & { readonly workers: number }) | undefined;
}

export interface Trace {
  readonly name: string;
  readonly about: string;
  readonly batches: readonly Batch[];
  readonly cloud: Cloud;
}

export function callsOf(batch: Batch): number {
  return batch.sums.length - 1;
}

export function batchMs(batch: Batch): number {
  return batch.sums[callsOf(batch)] ?? 0;
}

export interface BatchSpec {
  readonly task: string;
  readonly calls: number;
  readonly medianMs: number;
  readonly sigma: number;
  /** No call takes longer. */
  readonly longestMs?: number;
}

export function drawBatch(random: Random, spec: BatchSpec, rest: Partial<Omit<Batch, "task" | "sums">> = {}): Batch {
  const { task, calls, medianMs, sigma, longestMs = Infinity } = spec;
  const sums = new Float64Array(calls + 1);
  for (let i = 0; i < calls; i += 1) {
    sums[i + 1] = (sums[i] ?? 0) + Math.min(longestMs, logNormal(random, medianMs, sigma));
  }
  return { task, sums, release: { atMs: 0 }, announced: false, foreign: false, phase: 0, ...rest };
}
