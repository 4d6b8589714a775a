import { MessageList } from "./message-list.ts";
import type { StoredMessage } from "./stored-message.ts";

/**
 * The visible messages, in a line for each message group: the group that has the fewest in flight is served first, so
 * that none waits behind another's backlog. AWS's fair queues do so once a group takes more than a tenth of the
 * consumers' time; here it is so from the first message on. Messages without a group stand in one line of their own.
 */
export class FairLine {
  readonly #lines = new Map<string | undefined, MessageList>();
  readonly #inFlight = new Map<string, number>();
  #places = 0;

  append(message: StoredMessage): void {
    let line = this.#lines.get(message.group);
    if (line === undefined) this.#lines.set(message.group, (line = new MessageList()));
    message.place = this.#places += 1;
    line.append(message);
  }

  remove(message: StoredMessage): void {
    const line = this.#lines.get(message.group);
    line?.remove(message);
    if (line?.size === 0) this.#lines.delete(message.group);
  }

  /** Notes that a message of the group has been delivered (1), or is not in flight any more (-1). */
  countInFlight({ group }: StoredMessage, change: 1 | -1): void {
    if (group === undefined) return;
    const count = (this.#inFlight.get(group) ?? 0) + change;
    if (count === 0) this.#inFlight.delete(group);
    else this.#inFlight.set(group, count);
  }

  first(): StoredMessage | undefined {
    let best: StoredMessage | undefined;
    for (const line of this.#lines.values()) {
      const candidate = line.first();
      if (candidate !== undefined && (best === undefined || this.#before(candidate, best))) best = candidate;
    }
    return best;
  }

  clear(): void {
    this.#lines.clear();
    this.#inFlight.clear();
  }

  #before(a: StoredMessage, b: StoredMessage): boolean {
    const difference = this.#inFlightOf(a) - this.#inFlightOf(b);
    return difference === 0 ? a.place < b.place : difference < 0;
  }

  #inFlightOf({ group }: StoredMessage): number {
    return group === undefined ? 0 : (this.#inFlight.get(group) ?? 0);
  }
}
