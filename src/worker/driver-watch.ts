/** Tells when a run's driver is gone or has ended the run (I7). */
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { decodeRunLease, isOver, type RunLease } from "../wire/run-lease.ts";
import { runLeaseKey } from "../wire/keys.ts";

export async function readRunLease(store: Store, runId: string): Promise<RunLease | undefined> {
  const body = await store.get(runLeaseKey(runId));
  return body === undefined ? undefined : decodeRunLease(Buffer.from(body).toString("utf8"));
}

/**
 * Judges a run's lease by what looks at it have seen, one after the other. Only this machine's clock is asked, never
 * compared with the driver's.
 */
export class LeaseJudge {
  readonly #graceMs: number;
  readonly #clock: Clock;
  readonly #notices: string;
  #renewal = -1;
  #changedAt: number;

  /** @param notices URL of the queue that the driver listens on for which the worker works */
  constructor(graceMs: number, clock: Clock, notices: string) {
    this.#notices = notices;
    this.#graceMs = graceMs;
    this.#clock = clock;
    this.#changedAt = clock.now();
  }

  /** @param lease undefined when there was none, or none to be read: it counts as one that was not renewed */
  judge(lease: RunLease | undefined): "alive" | "ended" | "silent" {
    if (lease !== undefined && isOver(lease, this.#notices)) return "ended";
    const now = this.#clock.now();
    if (lease !== undefined && lease.renewal !== this.#renewal) {
      this.#renewal = lease.renewal;
      this.#changedAt = now;
    }
    return now - this.#changedAt >= this.#graceMs ? "silent" : "alive";
  }
}

/** Looks this often in a grace period, so that one failed look does not matter. */
const looksPerGrace = 4;
/** Until a lease has been read: it says how often to look, a worker may be there before it, and most short runs end sooner. */
const firstLookMs = 1_000;

export interface DriverWatch {
  readonly store: Store;
  readonly runId: string;
  readonly notices: string;
  readonly graceMs: number;
  readonly clock: Clock;
  /** Told of each lease that was read. */
  readonly onLease: (lease: RunLease) => void;
}

/** Resolves when the run has ended or its lease has not changed for `graceMs`, or with `undefined` when the signal aborts. */
export async function driverGone(
  { store, runId, notices, graceMs, clock, onLease }: DriverWatch,
  signal: AbortSignal,
): Promise<"ended" | "driver-lost" | undefined> {
  const judge = new LeaseJudge(graceMs, clock, notices);
  let lookMs = firstLookMs;
  while (!signal.aborted) {
    await clock.sleep(Math.min(lookMs, graceMs / looksPerGrace), signal).catch(() => undefined); // ends by the signal only
    if (signal.aborted) return undefined;
    const lease = await readRunLease(store, runId).catch(() => undefined);
    const standing = judge.judge(lease);
    if (standing === "ended") return "ended";
    if (standing === "silent") return "driver-lost";
    if (lease === undefined) continue;
    onLease(lease);
    lookMs = lease.scaling?.lookMs ?? Number.POSITIVE_INFINITY;
  }
  return undefined;
}
