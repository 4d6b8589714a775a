/** How the children of a mapped task stand: a byte each, how many there are of each kind, and since when. */
import type { Clock } from "../base/clock.ts";
import type { IndexRange } from "../executors/executor.ts";
import { callCode, type CallCode, kindOfCode } from "./call-code.ts";
import { ChildTimes } from "./child-times.ts";

export class ChildCodes {
  readonly width: number;
  readonly times: ChildTimes;
  readonly #codes: Uint8Array;
  readonly #counts = new Uint32Array(kindOfCode.length);

  constructor(width: number, clock: Pick<Clock, "now">) {
    this.width = width;
    this.times = new ChildTimes(width, clock);
    this.#codes = new Uint8Array(width);
    this.#counts[callCode.pending] = width;
  }

  at(index: number): CallCode {
    return (this.#codes[index] ?? callCode.pending) as CallCode; // only codes are ever put there
  }

  count(code: number): number {
    return this.#counts[code] ?? 0;
  }

  /** Pending children become running. */
  begin(range: IndexRange): void {
    this.#codes.fill(callCode.running, range.start, range.end);
    this.#move(callCode.pending, callCode.running, range.end - range.start);
    this.times.begin(range);
  }

  /** A running child becomes pending again, as if it had never run. */
  takeBack(index: number): void {
    this.#codes[index] = callCode.pending;
    this.#move(callCode.running, callCode.pending, 1);
    this.times.takeBack(index);
  }

  /** @param at as `times.now()` gave it, for many at once */
  set(index: number, code: CallCode, at = this.times.now()): void {
    const before = this.at(index);
    this.#move(before, code, 1);
    this.#codes[index] = code;
    this.times.change(index, before, code, at);
  }

  #move(from: CallCode, to: CallCode, calls: number): void {
    this.#counts[from] = this.count(from) - calls;
    this.#counts[to] = this.count(to) + calls;
  }
}
