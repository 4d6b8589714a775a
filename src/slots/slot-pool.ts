/** Hands out free slots in the order of asking. */
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import type { CallSlot, LogTaker, SlotWork } from "./call-slot.ts";
import type { SlotReply } from "./slot-protocol.ts";

/** The worker leaves before the chunk got a slot, or none became free in time: it must be given back. */
export class NoSlotError extends Error {
  override readonly name = "NoSlotError";
}

export interface SlotPatience {
  readonly clock: Clock;
  /** How long a chunk waits for a slot before it is given back. */
  readonly patienceMs: number;
}

interface Waiter {
  readonly take: (slot: CallSlot) => void;
  readonly refuse: (error: Error) => void;
}

export class SlotPool {
  readonly size: number;
  readonly #slots: readonly CallSlot[];
  readonly #free: CallSlot[];
  readonly #waiting = new Set<Waiter>();
  readonly #patience: SlotPatience;
  #leaving = false;

  constructor(slots: readonly CallSlot[], patience: SlotPatience) {
    this.#slots = slots;
    this.#patience = patience;
    this.#free = [...slots];
    this.size = slots.length;
  }

  /**
   * Runs the work on the next free slot. When the signal aborts, its reason is thrown, and the slot is free again.
   * @throws NoSlotError when `leave` is called before it began, or no slot became free in time
   */
  async run(work: SlotWork, signal: AbortSignal, log?: LogTaker): Promise<SlotReply> {
    const slot = await this.#acquire(signal);
    try {
      return await slot.run(work, signal, log);
    } finally {
      this.#release(slot);
    }
  }

  /** What has not begun is refused from now on. */
  leave(): void {
    this.#leaving = true;
    for (const { refuse } of [...this.#waiting]) refuse(new NoSlotError());
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async #acquire(signal: AbortSignal): Promise<CallSlot> {
    if (this.#leaving) throw new NoSlotError();
    signal.throwIfAborted();
    return this.#free.pop() ?? (await this.#wait(signal));
  }

  async #wait(signal: AbortSignal): Promise<CallSlot> {
    const { clock, patienceMs } = this.#patience;
    const waiting = new AbortController();
    return await new Promise<CallSlot>((resolve, reject) => {
      const leave = (): void => {
        waiting.abort();
        this.#waiting.delete(waiter);
        signal.removeEventListener("abort", giveUp);
      };
      const giveUp = (): void => waiter.refuse(toError(signal.reason));
      const waiter: Waiter = {
        take: (slot) => {
          leave();
          resolve(slot);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener("abort", giveUp);
      clock.sleep(patienceMs, waiting.signal).then(
        () => waiter.refuse(new NoSlotError()),
        () => undefined, // it got a slot, or has been refused
      );
    });
  }

  #release(slot: CallSlot): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free.push(slot);
    else next.take(slot);
  }
}
