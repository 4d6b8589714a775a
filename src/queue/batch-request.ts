import type { BatchResultErrorEntry } from "@aws-sdk/client-sqs";
import { backoffMs } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";

/** Time and chance, for the waits between tries. */
export interface RetryWorld {
  readonly clock: Clock;
  readonly random: () => number;
}

const maxAttempts = 4;
const backoff = { baseMs: 100, maxMs: 2000 };

/** An entry that SQS did not take, by its place in what was asked. */
export interface FailedEntry {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly senderFault: boolean;
}

/**
 * Sends a batch until every entry is done or refused for good, and returns the entries that are not done. A batch call
 * succeeds as a whole even when entries fail: only those are sent again, and only when SQS takes the fault on itself.
 * (The SDK retries requests that fail as a whole.)
 */
export async function performBatch<T>(
  items: readonly T[],
  send: (
    entries: readonly { readonly Id: string; readonly item: T }[],
  ) => Promise<readonly BatchResultErrorEntry[] | undefined>,
  world: RetryWorld,
  signal: AbortSignal | undefined,
): Promise<readonly FailedEntry[]> {
  let entries = items.map((item, index) => ({ Id: String(index), item }));
  const failed: FailedEntry[] = [];
  for (let attempt = 1; entries.length > 0; attempt++) {
    const reply = (await send(entries)) ?? [];
    const again = reply.filter((entry) => entry.SenderFault !== true && attempt < maxAttempts);
    failed.push(...reply.filter((entry) => !again.includes(entry)).map(toFailedEntry));
    const ids = new Set(again.map((entry) => entry.Id));
    entries = entries.filter((entry) => ids.has(entry.Id));
    if (entries.length > 0) await world.clock.sleep(backoffMs(backoff, attempt, world.random), signal);
  }
  return failed;
}

function toFailedEntry(entry: BatchResultErrorEntry): FailedEntry {
  return {
    index: Number(entry.Id),
    code: entry.Code ?? "Unknown",
    message: entry.Message ?? "no message",
    senderFault: entry.SenderFault === true,
  };
}
