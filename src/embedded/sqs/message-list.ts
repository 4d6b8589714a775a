import type { StoredMessage } from "./stored-message.ts";

/** Visible messages in order: a linked list through the messages, so that any of them leaves in O(1). */
export class MessageList {
  #first: StoredMessage | undefined;
  #last: StoredMessage | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(message: StoredMessage): void {
    message.previous = this.#last;
    message.next = undefined;
    if (this.#last === undefined) this.#first = message;
    else this.#last.next = message;
    this.#last = message;
    this.#size += 1;
  }

  remove(message: StoredMessage): void {
    if (message.previous === undefined) this.#first = message.next;
    else message.previous.next = message.next;
    if (message.next === undefined) this.#last = message.previous;
    else message.next.previous = message.previous;
    message.previous = undefined;
    message.next = undefined;
    this.#size -= 1;
  }

  first(): StoredMessage | undefined {
    return this.#first;
  }
}
