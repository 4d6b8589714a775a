/**
 * The children of one mapped task, compact: a byte each for the state, an element in one array for a value at hand,
 * four bytes for one kept elsewhere. Errors are sparse, and what a trigger refused shares one.
 *
 * - C1 A child goes pending → running → ended, or pending → ended; what has ended never changes. Between two attempts it
 *   is retrying. Running behind a call that is made again, it becomes pending again.
 * - C2 `counts` always adds up to `width`.
 */
import {
  type IndexRange,
  RemoteSlice,
  type ResultColumn,
  type ResultSlice,
  type Settled,
} from "../executors/executor.ts";
import { callCode, type CallCode, kindOfCode } from "./call-code.ts";

export interface SettledCounts {
  readonly successful: number;
  readonly failed: number;
}

type IndexTest = (index: number) => boolean;
type SettledCalls = Pick<Settled, "range" | "values" | "failures">;

export interface HowToSettle {
  /** Calls that are told of, but are not meant. */
  readonly skips?: IndexTest | undefined;
  /** Whether a call that failed, for the `attempt`th time, is to be made again. */
  readonly retries?: ((index: number, error: Error, attempt: number) => boolean) | undefined;
}

export class ChildStates implements ResultColumn {
  readonly width: number;
  readonly #codes: Uint8Array;
  readonly #counts = new Uint32Array(kindOfCode.length);
  readonly #errors = new Map<number, Error>();
  /** How often a child was made again; only for those that were. */
  readonly #retries = new Map<number, number>();
  /** Some calls are in a later slice than those around them: they, or the call before them, were made again. */
  #anyAgain = false;
  readonly #unexpected = new Set<Error>();
  readonly #triggerError: Error;
  #values: unknown[] = [];
  #remote: RemoteSlice[] = [];
  /** For each child, one more than the position in `#remote` of the slice that has its value; 0 for none. */
  #remoteOf: Uint32Array | undefined;

  /** `triggerError` stands for the result of every child that the task's trigger refuses. */
  constructor(width: number, triggerError: Error) {
    this.width = width;
    this.#codes = new Uint8Array(width);
    this.#counts[callCode.pending] = width;
    this.#triggerError = triggerError;
  }

  codeAt(index: number): CallCode {
    return (this.#codes[index] ?? callCode.pending) as CallCode; // only codes are ever put there
  }

  count(code: number): number {
    return this.#counts[code] ?? 0;
  }

  get allEnded(): boolean {
    return (
      this.count(callCode.pending) === 0 && this.count(callCode.running) === 0 && this.count(callCode.retrying) === 0
    );
  }

  get hasRemote(): boolean {
    return this.#remote.length > 0;
  }

  begin(range: IndexRange): void {
    this.#codes.fill(callCode.running, range.start, range.end);
    this.#move(callCode.pending, callCode.running, range.end - range.start);
  }

  /** The next attempt of children between two attempts. */
  beginAgain(range: IndexRange): void {
    this.#codes.fill(callCode.running, range.start, range.end);
    this.#move(callCode.retrying, callCode.running, range.end - range.start);
  }

  /** The call that this one was to run behind is made again, and so this one has not begun. */
  takeBack(index: number): void {
    this.#anyAgain = true;
    if (this.#codes[index] === callCode.running) this.#end(index, callCode.pending);
  }

  /** How often the body was begun. */
  attemptsAt(index: number): number {
    const code = this.codeAt(index);
    if (code === callCode.pending || code === callCode.skipped || code === callCode.triggerFailed) return 0;
    return (this.#retries.get(index) ?? 0) + (code === callCode.retrying ? 0 : 1);
  }

  /** Ends one child whose body did not run: skipped, or refused by its trigger (with an error of its own or the shared one). */
  endUnrun(index: number, code: CallCode, error: Error | undefined): void {
    this.#end(index, code);
    if (error !== undefined) this.#errors.set(index, error);
  }

  settle({ range, values, failures }: SettledCalls, how: HowToSettle = {}): SettledCounts {
    const failed = this.#fail(failures, how);
    const isOut = (index: number): boolean => failures.has(index) || how.skips?.(index) === true;
    const out = failures.size > 0 || how.skips !== undefined ? isOut : undefined;
    const successful = isRemote(values) ? this.#keepRemote(range, values, out) : this.#keep(range, values, out);
    return { successful, failed };
  }

  /** Ends the running children of `range` with one error: their executor gave up. */
  failRunning(range: IndexRange, error: Error, concerns: (index: number) => boolean): number {
    let failed = 0;
    for (let index = range.start; index < range.end; index += 1) {
      if (this.#codes[index] !== callCode.running || !concerns(index)) continue;
      this.#end(index, callCode.failed);
      this.#errors.set(index, error);
      failed += 1;
    }
    if (failed > 0) this.#unexpected.add(error);
    return failed;
  }

  /** Whether a failed child failed by its executor, not by its body. */
  isUnexpected(error: Error): boolean {
    return this.#unexpected.has(error);
  }

  cancelRunning(): void {
    if (this.count(callCode.running) + this.count(callCode.retrying) === 0) return;
    for (let index = 0; index < this.width; index += 1) {
      const code = this.#codes[index];
      if (code === callCode.running || code === callCode.retrying) this.#end(index, callCode.cancelled);
    }
  }

  errorAt(index: number): Error | undefined {
    const error = this.#errors.get(index);
    return error ?? (this.codeAt(index) === callCode.triggerFailed ? this.#triggerError : undefined);
  }

  substitute(index: number): { readonly value: unknown } | undefined {
    const code = this.codeAt(index);
    if (code === callCode.success) return undefined;
    if (code === callCode.skipped) return { value: null };
    return { value: this.errorAt(index) };
  }

  /** The value of a child, or what stands for it; only for values at hand. */
  valueAt(index: number): unknown {
    return this.#codes[index] === callCode.success ? this.#values[index] : this.substitute(index)?.value;
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
      if (this.#codes[index] !== callCode.success) list[index] = this.substitute(index)?.value;
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

  /** Up to the first child whose result is elsewhere, or who failed again: the slice holds an earlier attempt of it. */
  #endOfSlice(slice: RemoteSlice, start: number): number {
    const remoteOf = this.#remoteOf;
    if (!this.#anyAgain || remoteOf === undefined) return slice.range.end;
    const position = remoteOf[start];
    let end = start + 1;
    while (end < slice.range.end && (remoteOf[end] === position || this.#endedInFirst(end, remoteOf))) end += 1;
    return end;
  }

  /** Without a value of its own, and never made again: the slice has the error, or nothing, as it should. */
  #endedInFirst(index: number, remoteOf: Uint32Array): boolean {
    return remoteOf[index] === 0 && this.#codes[index] !== callCode.success && !this.#retries.has(index);
  }

  /** For each child the length of its result when that is an array, else -1; undefined when an executor did not tell. */
  lengths(): readonly number[] | undefined {
    const lengths: number[] = new Array<number>(this.width).fill(-1);
    for (let index = 0; index < this.width; index += 1) {
      if (this.#codes[index] !== callCode.success) continue;
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

  #fail(failures: Settled["failures"], { skips, retries }: HowToSettle): number {
    let failed = 0;
    for (const [index, failure] of failures) {
      if (this.#codes[index] !== callCode.running || skips?.(index) === true) continue;
      const attempt = (this.#retries.get(index) ?? 0) + 1;
      if (retries?.(index, failure.error, attempt) === true) {
        this.#anyAgain = true;
        this.#retries.set(index, attempt);
        this.#end(index, callCode.retrying);
        continue;
      }
      this.#end(index, callCode.failed);
      this.#errors.set(index, failure.error);
      failed += 1;
    }
    return failed;
  }

  #keep(range: IndexRange, values: readonly unknown[], isOut: IndexTest | undefined): number {
    this.#reserveValues();
    const codes = this.#codes;
    const own = this.#values;
    let kept = 0;
    for (let index = range.start; index < range.end; index += 1) {
      if (codes[index] !== callCode.running || isOut?.(index) === true) continue;
      codes[index] = callCode.success;
      own[index] = values[index - range.start];
      kept += 1;
    }
    this.#move(callCode.running, callCode.success, kept);
    return kept;
  }

  #keepRemote(range: IndexRange, slice: RemoteSlice, isOut: IndexTest | undefined): number {
    const remoteOf = (this.#remoteOf ??= new Uint32Array(this.width));
    const codes = this.#codes;
    const position = this.#remote.length + 1;
    let kept = 0;
    for (let index = range.start; index < range.end; index += 1) {
      if (codes[index] !== callCode.running || isOut?.(index) === true) continue;
      codes[index] = callCode.success;
      remoteOf[index] = position;
      kept += 1;
    }
    if (kept > 0) this.#remote.push(slice);
    this.#move(callCode.running, callCode.success, kept);
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

  #end(index: number, code: CallCode): void {
    this.#move(this.codeAt(index), code, 1);
    this.#codes[index] = code;
  }

  #move(from: CallCode, to: CallCode, calls: number): void {
    this.#counts[from] = this.count(from) - calls;
    this.#counts[to] = this.count(to) + calls;
  }
}

function isRemote(values: Settled["values"]): values is RemoteSlice {
  return values instanceof RemoteSlice;
}
