/** Hands out free slots in the order of asking. */
import type { Slot, SlotWork } from "./slot.ts";
import type { SlotReply } from "./slot-protocol.ts";

/** The worker leaves before the chunk got a slot: it must be given back. */
export class NoMoreSlotsError extends Error {
  override readonly name = "NoMoreSlotsError";
}

interface Waiter {
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

export class SlotPool {
  readonly size: number;
  readonly #slots: readonly Slot[];
  readonly #free: Slot[];
  readonly #waiting: Waiter[] = [];
  #leaving = false;

  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
    this.#free = [...slots];
    this.size = slots.length;
  }

  /** Runs the work on the next free slot. @throws NoMoreSlotsError when `leave` is called before it began */
  async run(work: SlotWork): Promise<SlotReply> {
    const slot = await this.#acquire();
    try {
      return await slot.run(work);
    } finally {
      this.#release(slot);
    }
  }

  /** What has not begun is refused from now on. */
  leave(): void {
    this.#leaving = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new NoMoreSlotsError());
  }

  async close(): Promise<void> {
    this.leave();
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async #acquire(): Promise<Slot> {
    if (this.#leaving) throw new NoMoreSlotsError();
    return this.#free.pop() ?? (await new Promise<Slot>((resolve, reject) => this.#waiting.push({ resolve, reject })));
  }

  #release(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next.resolve(slot);
  }
}
