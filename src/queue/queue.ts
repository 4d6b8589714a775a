/** A queue in our words. Delivery is at least once; a received message is leased and comes back unless acknowledged. */

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReceiveOptions extends CallOptions {
  /** How long to wait for a message, in ms, rounded up to what the adapter can tell apart. @default its long-poll bound */
  readonly waitMs?: number | undefined;
}

export interface QueueMessage {
  readonly body: string;
  /** Names this delivery; goes to `ack`, `extend` and `release`. */
  readonly receipt: string;
  /** How often the message has been delivered, this time included. */
  readonly deliveries: number;
}

export interface QueueDepth {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface Queue {
  readonly url: string;
  /** Sends all bodies, in as few requests as their number and size allow. */
  send(bodies: readonly string[], options?: CallOptions): Promise<void>;
  /**
   * Up to `max` (1 to 10) messages; waits up to `waitMs` and may come back empty. Aborted, it may leave messages behind that were
   * on their way: they come again when their leases lapse.
   */
  receive(max: number, options?: ReceiveOptions): Promise<readonly QueueMessage[]>;
  /** Deletes the messages. A lapsed lease is no error: the message may come again. */
  ack(receipts: readonly string[], options?: CallOptions): Promise<void>;
  /** Moves the end of the leases to `leaseMs` from now; 0 gives the messages back at once. Returns the receipts whose lease had lapsed. */
  extend(receipts: readonly string[], leaseMs: number, options?: CallOptions): Promise<readonly string[]>;
  depth(options?: CallOptions): Promise<QueueDepth>;
}
