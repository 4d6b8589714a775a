/** Makes up for notices that never came (I4): a silent chunk is looked up in the store, and sent again if it is nowhere. */
import type { Clock } from "../base/clock.ts";
import type { Queue } from "../queue/queue.ts";
import type { Dispatcher } from "./dispatcher.ts";

export interface ReconcileDeps {
  readonly dispatcher: Dispatcher;
  readonly tasks: Queue;
  readonly leaseMs: number;
  readonly clock: Clock;
}

/** A chunk is silent when nothing was heard of it for so many leases: long enough for a redelivery to speak up. */
const silentLeases = 3;

export async function reconcile(deps: ReconcileDeps, signal: AbortSignal): Promise<void> {
  const { dispatcher, tasks, leaseMs, clock } = deps;
  const silentMs = silentLeases * leaseMs;
  for (;;) {
    await clock.sleep(silentMs, signal).catch(() => undefined); // ends by the signal only
    if (signal.aborted) return;
    const silent = dispatcher.outstanding.filter((chunk) => clock.now() - chunk.seenAt >= silentMs);
    if (silent.length === 0) continue;
    const depth = await tasks.depth();
    const nowhere = depth.waiting + depth.inFlight + depth.delayed === 0;
    for (const chunk of silent) {
      chunk.seenAt = clock.now();
      if (await dispatcher.settleFromStore(chunk)) continue;
      // While messages are about, the chunk may be one of them: a long chunk is silent as well.
      if (nowhere && dispatcher.find(chunk.id) === chunk) await dispatcher.resend([chunk]);
    }
  }
}
