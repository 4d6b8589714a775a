/** Shows the workers that the driver lives and still wants the results (I7). */
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { encodeRunLease, type RunLease } from "../wire/run-lease.ts";
import { runLeaseKey } from "../wire/keys.ts";

/** Workers give up after five minutes without a renewal: ten may fail. */
const renewMs = 30_000;

export interface RunLeaseHolder {
  /** Tells the workers that the run is over, and renews no more. */
  end(): Promise<void>;
}

export async function holdRunLease(store: Store, runId: string, clock: Clock): Promise<RunLeaseHolder> {
  const stopping = new AbortController();
  let renewal = 0;
  const write = async (state: RunLease["state"]): Promise<void> => {
    await store.put(runLeaseKey(runId), Buffer.from(encodeRunLease({ v: 1, state, renewal })));
  };
  const renew = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(renewMs, stopping.signal).catch(() => undefined); // ends by the signal only
      if (stopping.signal.aborted) return;
      renewal += 1;
      await write("running").catch(() => undefined); // tried again at the next turn
    }
  };
  await write("running");
  const renewing = renew();
  return {
    end: async () => {
      stopping.abort();
      await renewing;
      await write("ended");
    },
  };
}
