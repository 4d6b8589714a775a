import type { Clock } from "../../base/clock.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import { MessageShelf } from "./message-shelf.ts";
import type { MessageCounts } from "./message-shelf.ts";
import { maxVisibilitySeconds } from "./queue-attributes.ts";
import type { QueueSettings } from "./queue-attributes.ts";
import { formatReceipt, parseReceipt } from "./receipt.ts";
import { invalidValue, messageNotInflight, overLimit, queueDoesNotExist } from "./sqs-errors.ts";
import { createMessage } from "./stored-message.ts";
import type { StoredMessage } from "./stored-message.ts";
import { WaitingLine } from "./waiting-line.ts";
import type { Waiter, WaitRequest } from "./waiting-line.ts";

/** SQS refuses short polls beyond this many messages in flight, and answers long polls with nothing. */
const maxInFlight = 120_000;

export interface OutgoingMessage {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly group: string | undefined;
  /** @default the queue's delay */
  readonly delayMs: number | undefined;
}

export interface Delivery {
  readonly message: StoredMessage;
  readonly receipt: string;
}

export interface ReceiveRequest extends WaitRequest {
  readonly waitMs: number;
}

/** Finds a dead-letter queue by its ARN. */
export type FindQueue = (arn: string) => EmbeddedQueue | undefined;

/**
 * One standard queue, in memory. (Q1 and Q2: `message-shelf.ts`.)
 *
 * Q3 While a receive waits, no message is visible: whatever becomes visible is delivered at once.
 */
export class EmbeddedQueue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags = new Map<string, string>();
  purgedAt = -Infinity;
  readonly #clock: Clock;
  readonly #findQueue: FindQueue;
  readonly #timer: DeadlineTimer<StoredMessage | Waiter<Delivery>>;
  readonly #shelf: MessageShelf;
  readonly #waiting = new WaitingLine<Delivery>();
  #settings: QueueSettings;
  #modifiedAt: number;

  constructor(name: string, arn: string, settings: QueueSettings, clock: Clock, findQueue: FindQueue) {
    this.name = name;
    this.arn = arn;
    this.#settings = settings;
    this.#clock = clock;
    this.#findQueue = findQueue;
    this.createdAt = this.#modifiedAt = clock.now();
    this.#timer = new DeadlineTimer(clock, (due) => {
      this.#passTime(due);
    });
    this.#shelf = new MessageShelf(this.#timer, settings.retentionMs);
  }

  get settings(): QueueSettings {
    return this.#settings;
  }

  get modifiedAt(): number {
    return this.#modifiedAt;
  }

  get counts(): MessageCounts {
    return this.#shelf.counts;
  }

  configure(settings: QueueSettings): void {
    this.#settings = settings;
    this.#modifiedAt = this.#clock.now();
    this.#shelf.setRetention(settings.retentionMs);
  }

  /** Stores the messages and wakes receives that wait. */
  send(messages: readonly OutgoingMessage[]): void {
    const now = this.#clock.now();
    for (const { id, body, md5, group, delayMs = this.#settings.delayMs } of messages) {
      const message = createMessage({ id, body, md5, group, sentAt: now });
      message.visibleAt = now + delayMs;
      this.#shelf.enter(message, delayMs > 0 ? "delayed" : "visible");
    }
    this.#serve();
  }

  /** Up to `max` messages: what is visible now, else the first to come within the wait, else none. */
  async receive(request: ReceiveRequest): Promise<readonly Delivery[]> {
    if (request.waitMs === 0 && this.counts.in_flight >= maxInFlight) throw overLimit();
    const deliveries = this.#take(request.max, request.visibilityMs);
    if (deliveries.length > 0 || request.waitMs === 0) return deliveries;
    return this.#waiting.wait(
      request,
      (waiter) => {
        this.#timer.schedule(waiter, this.#clock.now() + request.waitMs);
      },
      (waiter) => {
        this.#timer.cancel(waiter);
      },
    );
  }

  /** Deletes the message unless it has been delivered again since: then SQS, too, says yes and may keep it. */
  delete(receipt: string): void {
    const { id, delivery } = parseReceipt(this.name, receipt);
    const message = this.#shelf.get(id);
    if (message?.delivery === delivery) this.#shelf.remove(message);
  }

  changeVisibility(receipt: string, visibilitySeconds: number): void {
    const message = this.#messageInFlight(receipt);
    const now = this.#clock.now();
    const totalMs = now - message.lastReceivedAt + visibilitySeconds * 1000;
    if (totalMs > maxVisibilitySeconds * 1000) {
      const reason = `Total VisibilityTimeout for the message is beyond the limit [${maxVisibilitySeconds} seconds]`;
      throw invalidValue(visibilitySeconds, "VisibilityTimeout", reason);
    }
    message.visibleAt = now + visibilitySeconds * 1000;
    this.#shelf.enter(message, visibilitySeconds > 0 ? "in_flight" : "visible");
    this.#serve();
  }

  purge(): void {
    this.purgedAt = this.#clock.now();
    this.#shelf.clear();
  }

  /** Ends the queue: receives that wait get `QueueDoesNotExist` when it was deleted, and nothing when the cloud stops. */
  close(reason: "deleted" | "stopped"): void {
    for (const waiter of this.#waiting.all()) {
      if (reason === "deleted") waiter.refuse(queueDoesNotExist());
      else waiter.answer([]);
    }
    this.#shelf.clear();
    this.#timer.close();
  }

  #messageInFlight(receipt: string): StoredMessage {
    const { id, delivery } = parseReceipt(this.name, receipt);
    const message = this.#shelf.get(id);
    if (message === undefined) {
      const reason = "Message does not exist or is not available for visibility timeout change.";
      throw invalidValue(receipt, "ReceiptHandle", reason);
    }
    if (message.state !== "in_flight" || message.delivery !== delivery) throw messageNotInflight();
    return message;
  }

  /** Shares what is visible among those who wait, the longest waiting first (Q3). */
  #serve(): void {
    for (let waiter = this.#waiting.first(); waiter !== undefined; waiter = this.#waiting.first()) {
      const share = Math.ceil(this.counts.visible / this.#waiting.size);
      const deliveries = this.#take(Math.min(share, waiter.max), waiter.visibilityMs);
      if (deliveries.length === 0) return;
      waiter.answer(deliveries);
    }
  }

  #take(max: number, visibilityMs: number): readonly Delivery[] {
    const deliveries: Delivery[] = [];
    const room = Math.min(max, maxInFlight - this.counts.in_flight);
    const now = this.#clock.now();
    while (deliveries.length < room) {
      const message = this.#shelf.firstVisible();
      if (message === undefined) break;
      if (!this.#redrive(message)) deliveries.push(this.#deliver(message, now, visibilityMs));
    }
    return deliveries;
  }

  #deliver(message: StoredMessage, now: number, visibilityMs: number): Delivery {
    message.receiveCount += 1;
    message.delivery += 1;
    message.firstReceivedAt ??= now;
    message.lastReceivedAt = now;
    message.visibleAt = now + visibilityMs;
    this.#shelf.enter(message, "in_flight");
    return { message, receipt: formatReceipt(this.name, message.id, message.delivery) };
  }

  /** Moves a message that was received too often; true when it has left this queue. */
  #redrive(message: StoredMessage): boolean {
    const redrive = this.#settings.redrive;
    if (redrive === undefined || message.receiveCount < redrive.maxReceiveCount) return false;
    const target = this.#findQueue(redrive.deadLetterTargetArn);
    if (target === undefined) return false; // deleted since: better delivered too often than lost
    this.#shelf.remove(message);
    target.#adopt(message, this.arn);
    return true;
  }

  #adopt({ id, body, md5, group, sentAt }: StoredMessage, movedFrom: string): void {
    this.#shelf.enter(createMessage({ id, body, md5, group, sentAt, movedFrom }), "visible");
    this.#serve();
  }

  #passTime(due: readonly (StoredMessage | Waiter<Delivery>)[]): void {
    const now = this.#clock.now();
    for (const entry of due) {
      if (entry.kind === "waiter") continue;
      if (this.#shelf.hasExpired(entry, now)) this.#shelf.remove(entry);
      else this.#shelf.enter(entry, "visible");
    }
    this.#serve();
    // Last, so that a wait that ends in the moment a message comes still gets it.
    for (const entry of due) if (entry.kind === "waiter") entry.answer([]);
  }
}
