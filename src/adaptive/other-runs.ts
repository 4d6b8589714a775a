/** How long the messages of other runs take, told from the queue of a shared cluster alone: time in flight over messages gone. */
import type { QueuedMessages } from "./scaling-view.ts";

/** What a message is taken to be before any is seen to go: chunks aim at two seconds. */
const assumedMessageMs = 2_000;

export interface OtherRunsDepth {
  /** Visible, in flight and delayed, the own messages taken off. */
  readonly messages: number;
  readonly inFlight: number;
}

export interface OtherRunsPace {
  readonly seen: OtherRunsDepth;
  readonly at: number;
  /** Since when some have been in flight. */
  readonly busySince: number | undefined;
  readonly inFlightMs: number;
  readonly gone: number;
}

export function createPace(now: number): OtherRunsPace {
  return { seen: { messages: 0, inFlight: 0 }, at: now, busySince: undefined, inFlightMs: 0, gone: 0 };
}

/** Takes note of a depth. Arrivals hide departures, so the estimate errs towards long messages while a run is sending. */
export function observePace(pace: OtherRunsPace, depth: OtherRunsDepth, now: number): OtherRunsPace {
  return {
    seen: depth,
    at: now,
    busySince: depth.inFlight === 0 ? undefined : (pace.busySince ?? now),
    inFlightMs: pace.inFlightMs + pace.seen.inFlight * (now - pace.at),
    gone: pace.gone + Math.max(0, pace.seen.messages - depth.messages),
  };
}

/** What the decision takes into account of other runs. */
export function queuedByOthers({ seen, at, busySince, inFlightMs, gone }: OtherRunsPace): QueuedMessages {
  const busyMs = busySince === undefined ? 0 : at - busySince;
  if (gone === 0) return { messages: seen.messages, messageMs: Math.max(assumedMessageMs, busyMs) };
  // The first to go leave the time of all that are still in flight to be shared by few: none has taken longer than busyMs.
  const messageMs = busySince === undefined ? inFlightMs / gone : Math.min(inFlightMs / gone, busyMs);
  return { messages: seen.messages, messageMs };
}
