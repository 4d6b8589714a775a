/** Receives what the workers tell, and clears it away behind. */
import { CloudburstError, toError } from "../base/errors.ts";
import { QueueError } from "../queue/queue-error.ts";
import type { Queue, QueueMessage } from "../queue/queue.ts";
import { decodeNotice, type Notice } from "../wire/notice.ts";

/** SQS takes ten deletions in one request: notices are deleted when that many are there, or nothing comes any more. */
const deleteBatch = 10;

export interface NoticeLoopDeps {
  readonly queue: Queue;
  readonly runId: string;
  readonly handle: (notice: Notice) => void;
  readonly warn: (message: string) => void;
}

/** Handles notices until the signal aborts; rejects when the queue cannot be read any more. */
export async function receiveNotices(deps: NoticeLoopDeps, signal: AbortSignal): Promise<void> {
  let handled: string[] = [];
  const clear = async (): Promise<void> => {
    const receipts = handled;
    handled = [];
    // What is not deleted comes again and is known by then: a duplicate changes nothing.
    if (receipts.length > 0) await deps.queue.ack(receipts).catch(() => undefined);
  };
  while (!signal.aborted) {
    const messages = await receive(deps.queue, signal);
    for (const message of messages) {
      handled.push(message.receipt);
      handleOne(message, deps);
    }
    if (handled.length >= deleteBatch || messages.length === 0) void clear(); // nothing waits for it, and it cannot reject
  }
  await clear();
}

async function receive(queue: Queue, signal: AbortSignal): Promise<readonly QueueMessage[]> {
  try {
    return await queue.receive(10, { signal });
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof QueueError)) throw error; // the cluster's own word on it
    throw new CloudburstError("notices_unreadable", `the notice queue cannot be read: ${toError(error).message}`, {
      cause: error,
    });
  }
}

function handleOne(message: QueueMessage, deps: NoticeLoopDeps): void {
  try {
    const notice = decodeNotice(message.body);
    if (notice.runId === deps.runId) deps.handle(notice);
  } catch (error) {
    deps.warn(`a notice was passed over: ${toError(error).message}`); // the store has the truth (I4)
  }
}
