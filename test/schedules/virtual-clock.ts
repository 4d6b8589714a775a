import type { Clock } from "../../src/base/clock.ts";

/** Time that passes only while somebody sleeps, and then at once. */
export class VirtualClock implements Clock {
  /** How long each sleep was to be. */
  readonly sleptMs: number[] = [];
  /** Called in each sleep, before time passes. */
  onSleep: () => void = () => undefined;
  /** How much too early sleepers wake. */
  earlyMs = 0;
  nowMs: number;

  constructor(start: string) {
    this.nowMs = Date.parse(start);
  }

  now(): number {
    return this.nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleptMs.push(ms);
    this.onSleep();
    signal?.throwIfAborted();
    this.nowMs += ms > this.earlyMs ? ms - this.earlyMs : ms;
  }
}
