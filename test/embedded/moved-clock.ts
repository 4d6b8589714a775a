import { type Clock, systemClock } from "../../src/base/clock.ts";

/** The machine's clock, moved ahead as far as a test says: for what happens after days. */
export class MovedClock implements Clock {
  #aheadMs = 0;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await systemClock.sleep(ms, signal);
  }

  move(ms: number): void {
    this.#aheadMs += ms;
  }
}
