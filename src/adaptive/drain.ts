/**
 * Which workers leave.
 *
 *  R1 Only idle ones: a busy worker is never asked to leave (I6).
 *  R2 A worker uses up the time that it is billed for in any case, while there is work that may reach it.
 *  R3 The longest idle first. Shrinking takes several rounds that agree; growing takes none.
 *  R4 When the money is used up, those that work are asked as well, and at once: they finish their chunks and leave.
 */

export interface WorkerSnapshot {
  readonly id: string;
  /** Since when it has had no chunk; undefined while it has one. */
  readonly idleSince: number | undefined;
  /** Until when it is paid for, whether it is used or not. */
  readonly paidUntil: number;
}

export interface DrainRequest {
  /** How many may leave. */
  readonly surplus: number;
  /** Whether calls remain, or more will come: then what is paid for is used up first (R2). */
  readonly moreWork: boolean;
  readonly now: number;
  /** Until the next look: whose paid time ends before, leaves now. */
  readonly intervalMs: number;
  /** R4 @default false */
  readonly moneyIsOut?: boolean;
}

/** Ids of the workers that are to leave, the longest idle first. */
export function chooseDrains(workers: Iterable<WorkerSnapshot>, request: DrainRequest): readonly string[] {
  const { surplus, moreWork, now, intervalMs, moneyIsOut = false } = request;
  if (surplus <= 0) return [];
  const candidates: { readonly id: string; readonly idleSince: number }[] = [];
  for (const { id, idleSince, paidUntil } of workers) {
    if (idleSince === undefined && !moneyIsOut) continue; // R1, R4
    if (moreWork && paidUntil > now + intervalMs) continue; // R2
    candidates.push({ id, idleSince: idleSince ?? Number.POSITIVE_INFINITY });
  }
  candidates.sort((a, b) => (a.idleSince === b.idleSince ? 0 : a.idleSince - b.idleSince)); // R3
  return candidates.slice(0, surplus).map(({ id }) => id);
}

/** Until when a worker is paid for that is billed since `billedSince`: by the second, after a minimum. */
export function paidUntil(billedSince: number, minimumMs: number, now: number): number {
  return Math.max(now, billedSince + minimumMs);
}

/** Surpluses of the rounds that agree on shrinking, the latest last. */
export type ShrinkVotes = readonly number[];

/** What all of the last `waitCount` rounds agree on: the smallest surplus of them (R3). */
export function agreeToShrink(
  votes: ShrinkVotes,
  surplus: number,
  waitCount: number,
): { readonly votes: ShrinkVotes; readonly surplus: number } {
  if (surplus === 0) return { votes: [], surplus: 0 };
  const kept = [...votes, surplus].slice(-Math.max(1, waitCount));
  return { votes: kept, surplus: kept.length < waitCount ? 0 : Math.min(...kept) };
}
