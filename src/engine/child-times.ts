/**
 * When the children of a mapped task changed their states, compact: eight bytes for a child that begins and ends. Only of
 * children with more to tell, such as those that are retried, is each change kept.
 */
import type { Clock } from "../base/clock.ts";
import type { IndexRange } from "../executors/executor.ts";
import { callCode, type CallCode } from "./call-code.ts";

/** Into what a child changed, and when. */
export interface TimedChange {
  readonly code: CallCode;
  readonly at: Date;
}

/** Of a child that has not changed. Other times are milliseconds since the first, plus 1, up to 49 days. */
const never = 0;
const latest = 0xffffffff;

export class ChildTimes {
  /** When the children came to be. */
  readonly startMs: number;
  readonly #clock: Pick<Clock, "now">;
  readonly #begun: Uint32Array;
  /** The change after that, or instead of it. */
  readonly #changed: Uint32Array;
  /** All changes, by turns code and time. */
  readonly #all = new Map<number, number[]>();

  constructor(width: number, clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.startMs = clock.now();
    this.#begun = new Uint32Array(width);
    this.#changed = new Uint32Array(width);
  }

  now(): number {
    return Math.min(latest, this.#clock.now() - this.startMs + 1);
  }

  /** Children begin that have not changed before. */
  begin({ start, end }: IndexRange): void {
    this.#begun.fill(this.now(), start, end);
  }

  /** It has not begun after all. */
  takeBack(index: number): void {
    const all = this.#all.get(index);
    if (all === undefined) this.#begun[index] = never;
    else all.length -= 2;
  }

  /** @param before how the child stands until then */
  change(index: number, before: CallCode, code: CallCode, at: number): void {
    const all = this.#all.get(index);
    if (all !== undefined) all.push(code, at);
    else if (this.#changed[index] !== never) this.#all.set(index, [...this.#first(index, before), code, at]);
    else if (code === callCode.running) this.#begun[index] = at;
    else this.#changed[index] = at;
  }

  /** Oldest first, without its being pending at first; `code` is how the child stands. */
  of(index: number, code: CallCode): readonly TimedChange[] {
    const all = this.#all.get(index) ?? this.#first(index, code);
    return Array.from({ length: all.length / 2 }, (_, change) => ({
      code: all[2 * change] as CallCode, // only codes are put there
      at: new Date(this.startMs + (all[2 * change + 1] ?? never) - 1),
    }));
  }

  #first(index: number, code: CallCode): number[] {
    const begun = this.#begun[index] ?? never;
    const changed = this.#changed[index] ?? never;
    return [...(begun === never ? [] : [callCode.running, begun]), ...(changed === never ? [] : [code, changed])];
  }
}
