/**
 * The children of one mapped task, compact: a byte each for the state and eight for its times, and their values in
 * `ChildValues`. How a child ended is kept only where its kind does not say it all, and what a trigger refused shares one
 * ending.
 *
 * - C1 A child goes pending → running → ended, or pending → ended; what has ended never changes. Between two attempts it
 *   is retrying, and paused while it waits for somebody's word. Running behind a call that is made again, it becomes
 *   pending again.
 * - C2 `counts` always adds up to `width`.
 */
import type { IndexRange, RemoteSlice, ResultColumn, ResultSlice, Settled } from "../executors/executor.ts";
import { callCode, type CallCode, codeOfKind, hasSucceeded, hasValue, kindOfCode } from "./call-code.ts";
import type { Clock } from "../base/clock.ts";
import { ChildCodes } from "./child-codes.ts";
import type { ChildTimes } from "./child-times.ts";
import {
  type CallState,
  type Ending,
  endingValue,
  isEnding,
  isFailing,
  type Refusals,
  type Waiting,
} from "./call-state.ts";
import { ChildValues } from "./child-values.ts";
import { retryingMessage } from "./messages.ts";
import { usualAttempts, usualState } from "./usual-child.ts";

export interface SettledCounts {
  readonly successful: number;
  readonly failed: number;
}

type IndexTest = (index: number) => boolean;
type SettledCalls = Pick<Settled, "range" | "values" | "failures">;

export interface HowToSettle {
  /** Calls that are told of, but are not meant. */
  readonly skips?: IndexTest | undefined;
  /** What becomes of a call whose attempt failed, after its body was begun `begun` times. */
  readonly judge: (index: number, error: Error, begun: number) => Ending | Waiting;
}

export class ChildStates implements ResultColumn {
  readonly width: number;
  readonly #codes: ChildCodes;
  readonly refusals: Refusals;
  /** How often a failed child is made again; undefined where nothing is said. */
  readonly maxRetries: number | undefined;
  /** Only for children whose kind does not say it all. */
  readonly #endings = new Map<number, Ending>();
  /** Only where it is not as usual, and where a slice holds for the child what does not stand for it. */
  readonly #attempts = new Map<number, number>();
  /** How often a child was let go on after its body had paused; only of such children. */
  readonly #pauses = new Map<number, number>();
  /** Slices hold for some calls what does not stand for them: an earlier attempt, or a signal. */
  #anyBeside = false;
  readonly #values: ChildValues;

  /** Children that are skipped or refused end as `refusals` say, unless they have endings of their own. */
  constructor(width: number, refusals: Refusals, clock: Pick<Clock, "now">, maxRetries?: number) {
    this.width = width;
    this.#codes = new ChildCodes(width, clock);
    this.#values = new ChildValues(width);
    this.refusals = refusals;
    this.maxRetries = maxRetries;
  }

  codeAt(index: number): CallCode {
    return this.#codes.at(index);
  }

  count(code: number): number {
    return this.#codes.count(code);
  }

  /** When they changed. */
  get times(): ChildTimes {
    return this.#codes.times;
  }

  get allEnded(): boolean {
    return (
      this.count(callCode.pending) === 0 &&
      this.count(callCode.running) === 0 &&
      this.count(callCode.retrying) === 0 &&
      this.count(callCode.paused) === 0
    );
  }

  get hasRemote(): boolean {
    return this.#values.remote.length > 0;
  }

  begin(range: IndexRange): void {
    this.#codes.begin(range);
  }

  /** The next attempt of children between two attempts. */
  beginAgain(range: IndexRange): void {
    for (let index = range.start; index < range.end; index += 1) {
      this.#attempts.set(index, this.attemptsAt(index) + 1);
      this.#codes.set(index, callCode.running);
    }
  }

  /** A child whose body had paused may go on. */
  noteResumed(index: number): void {
    this.#pauses.set(index, this.pausesAt(index) + 1);
  }

  pausesAt(index: number): number {
    return this.#pauses.get(index) ?? 0;
  }

  /** Which attempt the body was begun for last: going on after a pause is none of its own. */
  runCountAt(index: number): number {
    return this.attemptsAt(index) - this.pausesAt(index);
  }

  /** A child that paused before its first attempt. */
  beginPaused(index: number): void {
    this.#codes.set(index, callCode.running);
  }

  /** The call that this one was to run behind is made again, and so this one has not begun. */
  takeBack(index: number): void {
    this.#anyBeside = true;
    if (this.codeAt(index) === callCode.running) this.#codes.takeBack(index);
  }

  /** How often the body was begun. */
  attemptsAt(index: number): number {
    return this.#attempts.get(index) ?? usualAttempts[this.codeAt(index)];
  }

  /** Ends a child, or leaves it waiting, after `attempts` attempts. A value that it has is at hand. */
  put(index: number, state: Ending | Waiting, attempts: number): void {
    const code = codeOfKind(state.kind);
    this.#codes.set(index, code);
    if (attempts === usualAttempts[code]) this.#attempts.delete(index);
    else this.#attempts.set(index, attempts);
    if (!isEnding(state)) return;
    if (state.kind === "Success" || state.kind === "Cached") {
      this.#anyBeside = true;
      this.#values.put(index, state.value);
      this.#endings.set(index, { ...state, value: undefined });
    } else if (state !== this.refusals.skipped && state !== this.refusals.triggerFailed) {
      this.#endings.set(index, state);
    }
  }

  /** As `put`, where a slice that was settled, or will be, holds something else for the child. */
  putAside(index: number, state: Ending | Waiting, attempts: number): void {
    this.put(index, state, attempts);
    this.#anyBeside = true;
    this.#attempts.set(index, attempts);
  }

  settle(settled: SettledCalls, how: HowToSettle): SettledCounts {
    const { failures } = settled;
    const ended = this.#judge(failures, how);
    const isOut = (index: number): boolean => failures.has(index) || how.skips?.(index) === true;
    const out = failures.size > 0 || how.skips !== undefined ? isOut : undefined;
    return { ...ended, successful: ended.successful + this.#keep(settled, out) };
  }

  /** Ends the running children of `range` as one: their executor gave up. */
  endRunning(range: IndexRange, ending: Ending, concerns: (index: number) => boolean): number {
    let ended = 0;
    for (let index = range.start; index < range.end; index += 1) {
      if (this.codeAt(index) !== callCode.running || !concerns(index)) continue;
      this.put(index, ending, this.attemptsAt(index));
      ended += 1;
    }
    return ended;
  }

  cancelUnended(): void {
    const unended: readonly number[] = [callCode.running, callCode.retrying, callCode.paused];
    if (unended.every((code) => this.count(code) === 0)) return;
    for (let index = 0; index < this.width; index += 1) {
      const code = this.codeAt(index);
      if (!unended.includes(code)) continue;
      const attempts = this.attemptsAt(index);
      this.#codes.set(index, callCode.cancelled);
      this.#attempts.set(index, attempts);
    }
  }

  /** How a child stands; its value is not in it. */
  stateAt(index: number): CallState {
    const code = this.codeAt(index);
    const kind = kindOfCode[code];
    if (kind === "Retrying") {
      return { kind, message: retryingMessage(this.runCountAt(index), this.maxRetries), dueMs: NaN };
    }
    return this.endingAt(index) ?? usualState[kind];
  }

  /** How a child ended; undefined while it has not, and where its kind says it all. */
  endingAt(index: number): Ending | undefined {
    const own = this.#endings.get(index);
    if (own !== undefined) return own;
    const code = this.codeAt(index);
    if (code === callCode.skipped) return this.refusals.skipped;
    return code === callCode.triggerFailed ? this.refusals.triggerFailed : undefined;
  }

  errorAt(index: number): Error | undefined {
    const ending = this.endingAt(index);
    return ending !== undefined && isFailing(ending) ? ending.error : undefined;
  }

  substitute(index: number): { readonly value: unknown } | undefined {
    return hasValue(this.codeAt(index)) ? undefined : { value: endingValue(this.endingAt(index)) };
  }

  /** The value of a child, or what stands for it; only for values at hand. */
  valueAt(index: number): unknown {
    return this.codeAt(index) === callCode.success ? this.#values.at(index) : this.#otherValueAt(index);
  }

  #otherValueAt(index: number): unknown {
    const substitute = this.substitute(index);
    return substitute === undefined ? this.#values.at(index) : substitute.value;
  }

  isRemoteAt(index: number): boolean {
    return this.#values.remoteAt(index) !== undefined;
  }

  /** As `valueAt`, or undefined when nobody but the executor has the value. */
  peekAt(index: number): { readonly value: unknown } | undefined {
    const slice = this.#values.remoteAt(index);
    if (slice === undefined) return { value: this.valueAt(index) };
    const values = slice.peek();
    return values && { value: values[index - slice.range.start] };
  }

  /** Brings home what can be had without asking anybody, if that is everything; false when something is left. */
  peekHome(): boolean {
    const values = this.#values.remote.map((slice) => slice.peek());
    if (!values.every((slice) => slice !== undefined)) return false;
    this.bringHome(values);
    return true;
  }

  /** All results, as a reducing task gets them. A new array: tasks may sort what they are given. */
  toList(): unknown[] {
    const list = this.#values.list();
    if (this.count(callCode.success) === this.width) return list;
    for (let index = 0; index < this.width; index += 1) {
      if (this.codeAt(index) !== callCode.success) list[index] = this.#otherValueAt(index);
    }
    return list;
  }

  slices(range: IndexRange): readonly ResultSlice[] {
    return this.#values.slices(range, this.#anyBeside ? (index) => this.#standsInSlice(index) : undefined);
  }

  /** Without a value of its own, and nothing else known of it: the slice has the error, or nothing, as it should. */
  #standsInSlice(index: number): boolean {
    return !hasValue(this.codeAt(index)) && !this.#attempts.has(index);
  }

  /** For each child the length of its result when that is an array, else -1; undefined when an executor did not tell. */
  lengths(): readonly number[] | undefined {
    const lengths: number[] = new Array<number>(this.width).fill(-1);
    for (let index = 0; index < this.width; index += 1) {
      if (!hasValue(this.codeAt(index))) continue;
      const length = this.#values.lengthAt(index);
      if (length === undefined) return undefined;
      lengths[index] = length;
    }
    return lengths;
  }

  /** Slices that some child's value is in. */
  remoteSlices(): readonly RemoteSlice[] {
    return this.#values.remote;
  }

  /** Takes the values of all `remoteSlices()`, in their order. */
  bringHome(brought: readonly (readonly unknown[])[]): void {
    this.#values.bringHome(brought);
  }

  #judge(failures: Settled["failures"], { skips, judge }: HowToSettle): SettledCounts {
    let successful = 0;
    let failed = 0;
    for (const [index, failure] of failures) {
      if (this.codeAt(index) !== callCode.running || skips?.(index) === true) continue;
      const attempt = this.attemptsAt(index);
      const state = judge(index, failure.error, attempt);
      if (isEnding(state) && isFailing(state) && state.value === failure.error) this.put(index, state, attempt);
      else this.putAside(index, state, attempt);
      if (hasSucceeded(this.codeAt(index))) successful += 1;
      else if (isEnding(state)) failed += 1;
    }
    return { successful, failed };
  }

  #keep(settled: SettledCalls, isOut: IndexTest | undefined): number {
    const { start, end } = settled.range;
    const take = this.#values.taker(settled);
    const codes = this.#codes;
    const at = this.times.now();
    let kept = 0;
    for (let index = start; index < end; index += 1) {
      if (codes.at(index) !== callCode.running || isOut?.(index) === true) continue;
      codes.set(index, callCode.success, at);
      take(index);
      kept += 1;
    }
    return kept;
  }
}
