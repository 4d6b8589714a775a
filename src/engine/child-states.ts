/**
 * The children of one mapped task, compact: a byte each for the state and eight for its times, an element in one array
 * for a value at hand, four bytes for one kept elsewhere. How a child ended is kept only where its kind does not say it all, and what a
 * trigger refused shares one ending.
 *
 * - C1 A child goes pending → running → ended, or pending → ended; what has ended never changes. Between two attempts it
 *   is retrying, and paused while it waits for somebody's word. Running behind a call that is made again, it becomes
 *   pending again.
 * - C2 `counts` always adds up to `width`.
 */
import {
  type IndexRange,
  RemoteSlice,
  type ResultColumn,
  type ResultSlice,
  type Settled,
} from "../executors/executor.ts";
import { callCode, type CallCode, codeOfKind, hasSucceeded, hasValue, kindOfCode } from "./call-code.ts";
import type { Clock } from "../base/clock.ts";
import { ChildCodes } from "./child-codes.ts";
import type { ChildTimes } from "./child-times.ts";
import { retryingMessage } from "./messages.ts";
import {
  type CallState,
  type Ending,
  endingValue,
  isEnding,
  isFailing,
  type Refusals,
  type Waiting,
} from "./call-state.ts";
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
  #values: unknown[] = [];
  #remote: RemoteSlice[] = [];
  /** For each child, one more than the position in `#remote` of the slice that has its value; 0 for none. */
  #remoteOf: Uint32Array | undefined;

  /** Children that are skipped or refused end as `refusals` say, unless they have endings of their own. */
  constructor(width: number, refusals: Refusals, clock: Pick<Clock, "now">, maxRetries?: number) {
    this.width = width;
    this.#codes = new ChildCodes(width, clock);
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
    return this.#remote.length > 0;
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
      this.#reserveValues();
      this.#values[index] = state.value;
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

  settle({ range, values, failures }: SettledCalls, how: HowToSettle): SettledCounts {
    const ended = this.#judge(failures, how);
    const isOut = (index: number): boolean => failures.has(index) || how.skips?.(index) === true;
    const out = failures.size > 0 || how.skips !== undefined ? isOut : undefined;
    const kept = values instanceof RemoteSlice ? this.#keepRemote(range, values, out) : this.#keep(range, values, out);
    return { ...ended, successful: ended.successful + kept };
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
    return this.codeAt(index) === callCode.success ? this.#values[index] : this.#otherValueAt(index);
  }

  #otherValueAt(index: number): unknown {
    const substitute = this.substitute(index);
    return substitute === undefined ? this.#values[index] : substitute.value;
  }

  isRemoteAt(index: number): boolean {
    return this.#remoteOf !== undefined && this.#remoteOf[index] !== 0;
  }

  /** As `valueAt`, or undefined when nobody but the executor has the value. */
  peekAt(index: number): { readonly value: unknown } | undefined {
    const slice = this.#remote[(this.#remoteOf?.[index] ?? 0) - 1];
    if (slice === undefined) return { value: this.valueAt(index) };
    const values = slice.peek();
    return values && { value: values[index - slice.range.start] };
  }

  /** Brings home what can be had without asking anybody, if that is everything; false when something is left. */
  peekHome(): boolean {
    const values = this.#remote.map((slice) => slice.peek());
    if (!values.every((slice) => slice !== undefined)) return false;
    this.bringHome(values);
    return true;
  }

  /** All results, as a reducing task gets them. A new array: tasks may sort what they are given. */
  toList(): unknown[] {
    const list: unknown[] = this.#values.length === this.width ? this.#values.slice() : new Array(this.width);
    if (this.count(callCode.success) === this.width) return list;
    for (let index = 0; index < this.width; index += 1) {
      if (this.codeAt(index) !== callCode.success) list[index] = this.#otherValueAt(index);
    }
    return list;
  }

  slices(range: IndexRange): readonly ResultSlice[] {
    const remoteOf = this.#remoteOf;
    if (this.#values.length === 0 && remoteOf === undefined) return [];
    if (remoteOf === undefined) return [{ range: { start: 0, end: this.width }, values: this.#values }];
    const slices: ResultSlice[] = [];
    for (let index = range.start; index < range.end;) {
      const remote = this.#remote[(remoteOf[index] ?? 0) - 1];
      if (remote !== undefined) {
        const end = this.#endOfSlice(remote, index);
        slices.push({ range: { start: index, end }, values: remote });
        index = end;
      } else {
        let end = index + 1;
        while (end < range.end && remoteOf[end] === 0) end += 1;
        slices.push({ range: { start: index, end }, values: this.#homeValues({ start: index, end }) });
        index = end;
      }
    }
    return slices;
  }

  /** Up to the first child whose result is elsewhere, or for whom the slice holds what does not stand for it. */
  #endOfSlice(slice: RemoteSlice, start: number): number {
    const remoteOf = this.#remoteOf;
    if (!this.#anyBeside || remoteOf === undefined) return slice.range.end;
    const position = remoteOf[start];
    let end = start + 1;
    while (end < slice.range.end && (remoteOf[end] === position || this.#standsInSlice(end, remoteOf))) end += 1;
    return end;
  }

  /** Without a value of its own, and nothing else known of it: the slice has the error, or nothing, as it should. */
  #standsInSlice(index: number, remoteOf: Uint32Array): boolean {
    return remoteOf[index] === 0 && !hasValue(this.codeAt(index)) && !this.#attempts.has(index);
  }

  /** For each child the length of its result when that is an array, else -1; undefined when an executor did not tell. */
  lengths(): readonly number[] | undefined {
    const lengths: number[] = new Array<number>(this.width).fill(-1);
    for (let index = 0; index < this.width; index += 1) {
      if (!hasValue(this.codeAt(index))) continue;
      const length = this.#lengthAt(index);
      if (length === undefined) return undefined;
      lengths[index] = length;
    }
    return lengths;
  }

  /** Slices that some child's value is in. */
  remoteSlices(): readonly RemoteSlice[] {
    return this.#remote;
  }

  /** Takes the values of all `remoteSlices()`, in their order. */
  bringHome(brought: readonly (readonly unknown[])[]): void {
    const remoteOf = this.#remoteOf;
    if (remoteOf === undefined) return;
    this.#reserveValues();
    for (let index = 0; index < this.width; index += 1) {
      const at = (remoteOf[index] ?? 0) - 1;
      const slice = this.#remote[at];
      if (slice !== undefined) this.#values[index] = brought[at]?.[index - slice.range.start];
    }
    this.#remote = [];
    this.#remoteOf = undefined;
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

  #keep(range: IndexRange, values: readonly unknown[], isOut: IndexTest | undefined): number {
    this.#reserveValues();
    const codes = this.#codes;
    const own = this.#values;
    const at = this.times.now();
    let kept = 0;
    for (let index = range.start; index < range.end; index += 1) {
      if (codes.at(index) !== callCode.running || isOut?.(index) === true) continue;
      codes.set(index, callCode.success, at);
      own[index] = values[index - range.start];
      kept += 1;
    }
    return kept;
  }

  #keepRemote(range: IndexRange, slice: RemoteSlice, isOut: IndexTest | undefined): number {
    const remoteOf = (this.#remoteOf ??= new Uint32Array(this.width));
    const codes = this.#codes;
    const at = this.times.now();
    const position = this.#remote.length + 1;
    let kept = 0;
    for (let index = range.start; index < range.end; index += 1) {
      if (codes.at(index) !== callCode.running || isOut?.(index) === true) continue;
      codes.set(index, callCode.success, at);
      remoteOf[index] = position;
      kept += 1;
    }
    if (kept > 0) this.#remote.push(slice);
    return kept;
  }

  #homeValues({ start, end }: IndexRange): unknown[] {
    return this.#values.length === 0 ? new Array<unknown>(end - start) : this.#values.slice(start, end);
  }

  #lengthAt(index: number): number | undefined {
    const slice = this.#remote[(this.#remoteOf?.[index] ?? 0) - 1];
    if (slice !== undefined) return slice.lengths?.[index - slice.range.start];
    const value = this.#values[index];
    return Array.isArray(value) ? value.length : -1;
  }

  #reserveValues(): void {
    if (this.#values.length !== this.width) this.#values = new Array<unknown>(this.width);
  }
}
