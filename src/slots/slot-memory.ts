/**
 * Memory that a slot's thread shares with the main thread, and that outlives the thread: which call is under way, until
 * when it may be, and the lines of the calls that have ended.
 *
 *  M1 Calls are counted through all steps that are to be run: call `c` of the `s`th of them is `s * calls + c`.
 *  M2 The thread writes while a chunk runs; the main thread when none does. Only the deadline is read meanwhile.
 *  M3 Lines are journalled in the order of their calls, none left out. A line counts once all of it is there.
 */

const headerBytes = 32;
/** Room for the lines of many short calls; when it is full they are sent to the main thread, which takes longer. */
const journalBytes = 256 * 1024;

/** Places in the header, in words of four bytes; the deadline takes words 4 and 5. */
const current = 0;
const from = 1;
const used = 2;
const deadlineOffset = 16;

/** No call has been begun. */
const noCall = -1;

export interface Journalled {
  /** The call of the first line. */
  readonly from: number;
  readonly lines: readonly string[];
}

export class SlotMemory {
  readonly shared: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #deadline: BigInt64Array;
  readonly #journal: Buffer;

  constructor(shared = new SharedArrayBuffer(headerBytes + journalBytes)) {
    this.shared = shared;
    this.#header = new Int32Array(shared, 0, deadlineOffset / Int32Array.BYTES_PER_ELEMENT);
    this.#deadline = new BigInt64Array(shared, deadlineOffset, 1);
    this.#journal = Buffer.from(shared, headerBytes);
  }

  reset(): void {
    this.#header[current] = noCall;
    this.#header[used] = 0;
    this.#header[from] = 0;
    this.clearDeadline();
  }

  begin(call: number): void {
    this.#header[current] = call;
  }

  /** The call under way, or the last one; undefined when none has been begun. */
  get current(): number | undefined {
    const call = this.#header[current];
    return call === noCall ? undefined : call;
  }

  /** False when there is no room for the line. */
  add(line: string): boolean {
    const at = this.#header[used] ?? 0;
    if (at + 3 * line.length + 1 > journalBytes) return false; // a UTF-16 unit takes three bytes of UTF-8 at the most
    const end = at + this.#journal.write(line, at);
    this.#journal[end] = lineBreak;
    this.#header[used] = end + 1; // M3
    return true;
  }

  get journalled(): Journalled {
    const text = this.#journal.toString("utf8", 0, this.#header[used]);
    return { from: this.#header[from] ?? 0, lines: text === "" ? [] : text.slice(0, -1).split("\n") };
  }

  /** An empty journal, which goes on with `call`. In this order: at any time what is there is true. */
  startOver(call: number): void {
    this.#header[used] = 0;
    this.#header[from] = call;
  }

  setDeadline(inMs: number): void {
    Atomics.store(this.#deadline, 0, process.hrtime.bigint() + BigInt(Math.ceil(inMs * 1e6)));
  }

  clearDeadline(): void {
    Atomics.store(this.#deadline, 0, 0n);
  }

  /** Milliseconds until the call under way is overdue; undefined when it may take its time. The clock is the machine's. */
  get leftMs(): number | undefined {
    const deadline = Atomics.load(this.#deadline, 0);
    return deadline === 0n ? undefined : Number(deadline - process.hrtime.bigint()) / 1e6;
  }
}

const lineBreak = 0x0a;
