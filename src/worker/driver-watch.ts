/** Tells when a run's driver is gone or has ended the run (I7). */
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { decodeRunLease } from "../wire/run-lease.ts";
import { runLeaseKey } from "../wire/keys.ts";

export type DriverState = "alive" | "ended";

export async function readDriverState(
  store: Store,
  runId: string,
): Promise<{ state: DriverState; renewal: number } | undefined> {
  const body = await store.get(runLeaseKey(runId));
  if (body === undefined) return undefined;
  const lease = decodeRunLease(Buffer.from(body).toString("utf8"));
  return { state: lease.state === "ended" ? "ended" : "alive", renewal: lease.renewal };
}

/** Looks this often in a grace period, so that one failed look does not matter. */
const looksPerGrace = 4;

/**
 * Resolves when the run has ended or its lease has not changed for `graceMs`, or with `undefined` when the signal aborts.
 * Only this machine's clock is asked, never compared with the driver's.
 */
export async function driverGone(
  watched: { readonly store: Store; readonly runId: string; readonly graceMs: number; readonly clock: Clock },
  signal: AbortSignal,
): Promise<"ended" | "driver-lost" | undefined> {
  const { store, runId, graceMs, clock } = watched;
  let lastRenewal = -1;
  let changedAt = clock.now();
  while (!signal.aborted) {
    await clock.sleep(graceMs / looksPerGrace, signal).catch(() => undefined); // ends by the signal only
    if (signal.aborted) return undefined;
    // An unreachable store counts as a lease that was not renewed.
    const seen = await readDriverState(store, runId).catch(() => undefined);
    if (seen?.state === "ended") return "ended";
    if (seen !== undefined && seen.renewal !== lastRenewal) {
      lastRenewal = seen.renewal;
      changedAt = clock.now();
    }
    if (clock.now() - changedAt >= graceMs) return "driver-lost";
  }
  return undefined;
}
