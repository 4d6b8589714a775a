/**
 * Runs a chunk whose calls may end their whole process, of which nothing is left to say which one it was.
 *
 *  H1 When the process ends, the chunk is run in halves, and these in halves, until a call that ends it stands alone.
 *  H2 A call whose line is known is not run again, whatever happens to the others.
 */
import { countCalls } from "../wire/call-ranges.ts";
import { notRunMark, readLines } from "../wire/pack.ts";
import type { SlotWork } from "./call-slot.ts";
import { type Death, KnownLines } from "./known-lines.ts";
import type { SlotReply, SlotRun } from "./slot-protocol.ts";

export type Ended = { readonly kind: "reply"; readonly reply: SlotReply } | Death;

/** Runs the work once; never more than one at a time. */
export type RunOnce = (work: SlotWork) => Promise<Ended>;

type Done = Extract<SlotReply, { readonly kind: "done" }>;

export async function runInHalves(work: SlotWork, runOnce: RunOnce): Promise<SlotReply> {
  const first = await runOnce(work);
  if (first.kind === "reply") return first.reply;
  const search = new Search(work, runOnce);
  return await search.run(first);
}

class Search {
  readonly #work: SlotWork;
  readonly #runOnce: RunOnce;
  readonly #known: KnownLines;
  readonly #count: number;
  #busyMs = 0;
  #unusable: SlotReply | undefined;

  constructor(work: SlotWork, runOnce: RunOnce) {
    this.#work = work;
    this.#runOnce = runOnce;
    this.#known = new KnownLines(work);
    this.#count = countCalls(work.ranges);
  }

  async run(death: Death): Promise<SlotReply> {
    await this.#afterDeath(0, this.#count, death);
    if (this.#unusable !== undefined) return this.#unusable;
    // Every line is known: this makes packs of them.
    const last = await this.#runOnce({ ...this.#work, known: this.#known.lines });
    if (last.kind !== "reply") throw new Error("the slot's process ends though there is no call to make");
    return last.reply.kind === "done" ? { ...last.reply, busyMs: this.#busyMs } : last.reply;
  }

  /** Calls `start` to `end` end their process together. */
  async #afterDeath(start: number, end: number, death: Death): Promise<void> {
    if (end - start === 1) {
      await this.#findStep(start, death);
      return;
    }
    const middle = start + Math.floor((end - start) / 2);
    await this.#settle(start, middle);
    await this.#settle(middle, end);
  }

  async #settle(start: number, end: number): Promise<void> {
    if (this.#unusable !== undefined) return;
    const ended = await this.#runOnce({
      ...this.#work,
      known: this.#without((call) => call < start || call >= end, 0),
    });
    if (ended.kind !== "reply") await this.#afterDeath(start, end, ended);
    else this.#take(ended.reply, start, end);
  }

  /** Of a call that is alone, the step that ends the process. */
  async #findStep(call: number, death: Death): Promise<void> {
    const steps = this.#work.steps.length - this.#work.firstStep;
    for (let step = 0; step < steps - 1; step += 1) {
      const ended = await this.#runOnce({ ...this.#work, known: this.#upTo(call, step) });
      if (ended.kind !== "reply") {
        this.#known.blame(step * this.#count + call, ended);
        return;
      }
      this.#take(ended.reply, call, call + 1, step + 1);
    }
    this.#known.blame((steps - 1) * this.#count + call, death);
  }

  /** Calls that are not meant do not run: neither the first of their steps nor what is behind it. */
  #without(isLeftOut: (call: number) => boolean, step: number): (string | undefined)[] {
    const known = [...this.#known.lines];
    for (let call = 0; call < this.#count; call += 1) {
      if (isLeftOut(call)) known[step * this.#count + call] ??= notRunMark;
    }
    return known;
  }

  /** Only `only` runs, and of its steps none behind `step`. */
  #upTo(only: number, step: number): SlotRun["known"] {
    const known = this.#without((call) => call !== only, 0);
    known[(step + 1) * this.#count + only] ??= notRunMark;
    return known;
  }

  #take(reply: SlotReply, start: number, end: number, steps = Infinity): void {
    if (reply.kind === "unusable") {
      this.#unusable = reply;
      return;
    }
    this.#busyMs += reply.busyMs;
    for (const [step, lines] of linesOf(reply).entries()) {
      if (step < steps) this.#known.add({ from: step * this.#count + start, lines: lines.slice(start, end) });
    }
  }
}

function linesOf({ results }: Done): string[][] {
  return results.map(({ body, index }) => readLines(body, index));
}
