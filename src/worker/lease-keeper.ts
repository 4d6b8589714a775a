/** Keeps the leases of the messages in hand: renews them together, well before they lapse. */
import type { Clock } from "../base/clock.ts";
import type { Queue } from "../queue/queue.ts";

export interface LeaseKeeper extends AsyncDisposable {
  hold(receipt: string): void;
  /** Also when the message has been acknowledged or given back. */
  release(receipt: string): void;
}

/** Renewals for each lease length: two may fail before a lease lapses. */
const renewalsPerLease = 3;

export function createLeaseKeeper(queue: Queue, leaseMs: number, clock: Clock): LeaseKeeper {
  const held = new Set<string>();
  const stopping = new AbortController();

  const renew = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(leaseMs / renewalsPerLease, stopping.signal).catch(() => undefined); // ends by the signal only
      if (stopping.signal.aborted || held.size === 0) continue;
      // A failed renewal is tried again at the next turn. A lapsed lease only means that another worker may run
      // the chunk as well: the first commit wins (I2).
      const lapsed = await queue.extend([...held], leaseMs).catch(() => []);
      for (const receipt of lapsed) held.delete(receipt);
    }
  };
  const renewing = renew();

  return {
    hold: (receipt) => void held.add(receipt),
    release: (receipt) => void held.delete(receipt),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await renewing;
    },
  };
}
