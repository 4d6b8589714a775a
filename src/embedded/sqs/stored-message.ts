import type { Deadline } from "./deadline-timer.ts";

export type MessageState = "visible" | "delayed" | "in_flight";

/** A message in a queue. Its deadline is the next thing that time does to it: becoming visible, or expiring. */
export interface StoredMessage extends Deadline {
  readonly kind: "message";
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  /** Milliseconds since the epoch; kept when the message moves to a dead-letter queue. */
  readonly sentAt: number;
  /** `MessageGroupId`, which standard queues share their deliveries out by. */
  readonly group: string | undefined;
  /** ARN of the queue from which the message was moved here. */
  readonly movedFrom: string | undefined;
  /** Undefined before the message enters a queue and after it has left. */
  state: MessageState | undefined;
  /** End of the delay or of the visibility timeout; without meaning while visible. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  lastReceivedAt: number;
  /** Number of the latest delivery: only its receipt handle acts on the message. */
  delivery: number;
  /** Counts up as messages become visible; without meaning while this one is not. */
  place: number;
  /** Neighbours in the list of visible messages. */
  previous: StoredMessage | undefined;
  next: StoredMessage | undefined;
}

export interface NewMessage {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  readonly sentAt: number;
  readonly group?: string | undefined;
  readonly movedFrom?: string;
}

export function createMessage(message: NewMessage): StoredMessage {
  return {
    kind: "message",
    id: message.id,
    body: message.body,
    md5: message.md5,
    sentAt: message.sentAt,
    group: message.group,
    movedFrom: message.movedFrom,
    state: undefined,
    visibleAt: 0,
    receiveCount: 0,
    firstReceivedAt: undefined,
    lastReceivedAt: 0,
    delivery: 0,
    place: 0,
    previous: undefined,
    next: undefined,
    dueAt: 0,
    heapIndex: -1,
  };
}
