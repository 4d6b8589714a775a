/**
 * How long slots were held by chunks: from it and from the time in calls is told what a chunk takes besides its calls,
 * which is fetching, storing and telling. A slot for which no chunk is out holds nothing.
 */
export class SlotTime {
  #heldMs = 0;
  #held = 0;
  #since: number;
  #chunks = 0;
  readonly #slotsOf = new Map<string, number>();
  #slots = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Chunks that were sent and have not ended. */
  out(chunks: number, now: number): void {
    this.#chunks = chunks;
    this.#hold(now);
  }

  joined(worker: string, slots: number, now: number): void {
    this.#slots += slots - (this.#slotsOf.get(worker) ?? 0);
    this.#slotsOf.set(worker, slots);
    this.#hold(now);
  }

  left(worker: string, now: number): void {
    this.#slots -= this.#slotsOf.get(worker) ?? 0;
    this.#slotsOf.delete(worker);
    this.#hold(now);
  }

  /** Undefined where no chunk has ended. @param busyMs time in calls, of all slots */
  perChunkMs(chunks: number, busyMs: number): number | undefined {
    return chunks === 0 ? undefined : Math.max(0, this.#heldMs - busyMs) / chunks;
  }

  #hold(now: number): void {
    this.#heldMs += this.#held * (now - this.#since);
    this.#since = now;
    this.#held = Math.min(this.#chunks, this.#slots);
  }
}
