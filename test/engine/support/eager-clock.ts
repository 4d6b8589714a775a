import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../src/base/clock.ts";

/** Time that passes only when somebody sleeps, and then at once, or as soon as `until` says that it may. */
export class EagerClock implements Clock {
  readonly slept: number[] = [];
  until: Promise<void> | undefined;
  #nowMs = 1_000_000;

  now = (): number => this.#nowMs;

  sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const untilMs = this.#nowMs + ms;
    await (this.until ?? turn());
    signal?.throwIfAborted();
    this.slept.push(ms);
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  };
}
