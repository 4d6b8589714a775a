import type { DeadlineTimer } from "./deadline-timer.ts";
import { FairLine } from "./fair-line.ts";
import type { MessageState, StoredMessage } from "./stored-message.ts";

export interface MessageCounts {
  readonly visible: number;
  readonly delayed: number;
  readonly in_flight: number;
}

const noMessages: MessageCounts = { visible: 0, delayed: 0, in_flight: 0 };

/**
 * A queue's messages by id and by state.
 *
 * Q1 A message is visible (and in the list), delayed, or in flight; `enter` is the only way into a state.
 * Q2 Every message is scheduled for the next thing that time does to it.
 */
export class MessageShelf {
  readonly #byId = new Map<string, StoredMessage>();
  readonly #visible = new FairLine();
  readonly #timer: Pick<DeadlineTimer<StoredMessage>, "schedule" | "cancel">;
  #counts = { ...noMessages };
  #retentionMs: number;

  constructor(timer: Pick<DeadlineTimer<StoredMessage>, "schedule" | "cancel">, retentionMs: number) {
    this.#timer = timer;
    this.#retentionMs = retentionMs;
  }

  get counts(): MessageCounts {
    return this.#counts;
  }

  get(id: string): StoredMessage | undefined {
    return this.#byId.get(id);
  }

  firstVisible(): StoredMessage | undefined {
    return this.#visible.first();
  }

  /** Puts the message, new or known, into a state; one that becomes visible goes to the end of its group's line. */
  enter(message: StoredMessage, state: MessageState): void {
    this.#leaveState(message);
    this.#byId.set(message.id, message);
    message.state = state;
    this.#counts[state] += 1;
    if (state === "visible") this.#visible.append(message);
    if (state === "in_flight") this.#visible.countInFlight(message, 1);
    this.#schedule(message);
  }

  remove(message: StoredMessage): void {
    this.#leaveState(message);
    this.#timer.cancel(message);
    this.#byId.delete(message.id);
  }

  hasExpired(message: StoredMessage, now: number): boolean {
    return now >= message.sentAt + this.#retentionMs;
  }

  setRetention(retentionMs: number): void {
    this.#retentionMs = retentionMs;
    for (const message of this.#byId.values()) this.#schedule(message);
  }

  clear(): void {
    for (const message of this.#byId.values()) this.#timer.cancel(message);
    this.#byId.clear();
    this.#visible.clear();
    this.#counts = { ...noMessages };
  }

  #leaveState(message: StoredMessage): void {
    if (message.state === undefined) return;
    this.#counts[message.state] -= 1;
    if (message.state === "visible") this.#visible.remove(message);
    if (message.state === "in_flight") this.#visible.countInFlight(message, -1);
    message.state = undefined;
  }

  #schedule(message: StoredMessage): void {
    const expiresAt = message.sentAt + this.#retentionMs;
    this.#timer.schedule(message, message.state === "visible" ? expiresAt : Math.min(expiresAt, message.visibleAt));
  }
}
