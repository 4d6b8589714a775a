/** Sends notices to the queues of many runs, those for one queue in groups. */
import type { Queue } from "../queue/queue.ts";
import { encodeNotice, type Notice } from "../wire/notice.ts";
import { type Batcher, createBatcher } from "./batcher.ts";

/** SQS takes ten messages in one request. */
const sqsBatch = 10;
/** Queues that are kept open; a run's queue is hardly told anything after so many others. */
const maxQueues = 64;

/** What it returns rejects with `QueueDoesNotExist` when the run has ended and cleared its queue away. */
export function createTeller(openQueue: (url: string) => Queue): (queueUrl: string, notice: Notice) => Promise<void> {
  /** The one told last at the end. */
  const queues = new Map<string, Batcher<string>>();

  const batcherOf = (url: string): Batcher<string> => {
    const batcher = queues.get(url) ?? openBatcher(openQueue(url));
    queues.delete(url);
    queues.set(url, batcher);
    const [oldest] = queues.keys();
    if (queues.size > maxQueues && oldest !== undefined) queues.delete(oldest); // what it has under way still goes out
    return batcher;
  };

  return async (url, notice) => {
    await batcherOf(url).add(encodeNotice(notice));
  };
}

function openBatcher(queue: Queue): Batcher<string> {
  return createBatcher<string>((bodies) => queue.send(bodies), sqsBatch);
}
