/** Shows how a run goes on: a line that lives at the foot of a terminal, or a plain line now and then anywhere else. */

import { stripVTControlCharacters } from "node:util";
import { createColors } from "picocolors";
import { type Clock, systemClock } from "../base/clock.ts";
import { formatLogLine } from "../base/log-line.ts";
import type { ExecutorEvent } from "../executors/executor.ts";
import type { RunEvent } from "../flow/run-event.ts";
import { formatBar, formatCluster, formatEnd, formatProgress, type Colors } from "./progress-line.ts";
import { RateWindow } from "./rate-window.ts";
import { wantsColors } from "./wants-colors.ts";
import { countEvent, EMPTY_TALLY, settledCalls, type RunTally } from "./run-tally.ts";

/** What of a `NodeJS.WriteStream` is used. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly isTTY?: boolean | undefined;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Whether lines can be rewritten. @default stream.isTTY */
  readonly isTty?: boolean | undefined;
  /** Whether lines are coloured. @default on a terminal, unless `NO_COLOR` is set; `FORCE_COLOR` does so anywhere */
  readonly colors?: boolean | undefined;
  /** Time between two lines, in milliseconds. @default 100 on a terminal, 3000 elsewhere */
  readonly intervalMs?: number | undefined;
}

/** Shows one run at a time; it may be used for one after another. */
export interface Progress {
  /** Give it to the run as its observer. */
  readonly onEvent: (event: RunEvent) => void;
  /** The run's counts so far. */
  tally(): RunTally;
  /** Takes the live line away. The end of a run stops as well. */
  stop(): void;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 3000;
/** Long enough for the jumps of whole chunks to even out, short enough to follow a growing fleet. */
const RATE_WINDOW_MS = 10_000;
const CLEAR_LINE = "\r\u001b[2K";

export function createProgress(options: ProgressOptions): Progress {
  return new ProgressView(options);
}

class ProgressView implements Progress {
  readonly #stream: ProgressStream;
  readonly #clock: Clock;
  readonly #isTty: boolean;
  readonly #intervalMs: number;
  readonly #colors: Colors;
  #tally = EMPTY_TALLY;
  #rate = new RateWindow(RATE_WINDOW_MS);
  readonly #toldPaused = new Set<string>();
  #ticking = new AbortController();
  #shown = "";
  #sampledAtMs = 0;

  constructor({ stream, clock, isTty, colors, intervalMs }: ProgressOptions) {
    this.#stream = stream;
    this.#clock = clock ?? systemClock;
    this.#isTty = isTty ?? stream.isTTY ?? false;
    this.#intervalMs = intervalMs ?? (this.#isTty ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS);
    this.#colors = createColors(colors ?? wantsColors(this.#isTty, process.env));
  }

  readonly onEvent = (event: RunEvent): void => {
    this.#tally = countEvent(this.#tally, event);
    if (event.type === "run-started") this.#start();
    else if (event.type === "run-finished") this.#finish(event);
    else if (event.type === "executor") this.#tell(event.event);
    else if (event.type === "run-scheduled") this.#print(`next run of ${event.flowName}: ${event.at.toISOString()}`);
    else if (event.type === "log") this.#print(formatLogLine({ ...event, atMs: event.at.getTime() }));
    else if (event.type === "run-broken") this.#tellBroken(event.error);
    else if (event.type === "task-paused") this.#tellPaused(event);
    // Calls that never let go of this thread would keep the ticks from coming.
    else this.#drawWhenDue();
  };

  tally(): RunTally {
    return this.#tally;
  }

  stop(): void {
    this.#ticking.abort();
    this.#clear();
  }

  #start(): void {
    this.stop();
    this.#toldPaused.clear();
    this.#ticking = new AbortController();
    this.#rate = new RateWindow(RATE_WINDOW_MS);
    this.#sample();
    // Nobody waits for the view: it ends with the run, or when it is stopped.
    void this.#tick(this.#ticking.signal);
  }

  async #tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(this.#intervalMs, signal).catch(() => undefined); // stopped, which the loop sees
      if (!signal.aborted) this.#drawWhenDue();
    }
  }

  #sample(): void {
    this.#sampledAtMs = this.#clock.now();
    this.#rate.add(this.#sampledAtMs, settledCalls(this.#tally));
  }

  #drawWhenDue(): void {
    if (this.#ticking.signal.aborted || this.#clock.now() < this.#sampledAtMs + this.#intervalMs) return;
    this.#sample();
    this.#draw();
  }

  #draw(): void {
    const line = formatProgress(
      this.#tally,
      { perSecond: this.#rate.perSecond(), nowMs: this.#clock.now() },
      this.#colors,
    );
    if (this.#isTty) {
      this.#stream.write(CLEAR_LINE + this.#fit(`${formatBar(this.#tally, this.#colors)}  ${line}`));
    } else if (line !== this.#shown) {
      // The same line again would only make a log longer.
      this.#stream.write(`${line}\n`);
    }
    this.#shown = line;
  }

  /** A line that wraps cannot be taken away again: without room for it in colour, it is cut and plain. */
  #fit(line: string): string {
    const columns = this.#stream.columns ?? Infinity;
    const plain = stripVTControlCharacters(line);
    return plain.length < columns ? line : plain.slice(0, columns - 1);
  }

  #tell(event: ExecutorEvent): void {
    if (event.kind === "warning") this.#print(`${this.#colors.yellow("warning:")} ${event.message}`);
    if (event.kind === "cluster-started") this.#print(formatCluster(event));
  }

  #tellPaused({ slug, mapIndex, message }: Extract<RunEvent, { readonly type: "task-paused" }>): void {
    if (mapIndex !== undefined && this.#toldPaused.has(slug)) return; // the others are in the count
    this.#toldPaused.add(slug);
    const name = mapIndex === undefined ? slug : `${slug}[${String(mapIndex)}]`;
    this.#print(`${this.#colors.yellow("paused:")} ${name}: ${message}`);
  }

  /** The run had no chance to finish: whatever was shown of it goes. */
  #tellBroken({ message }: Error): void {
    this.stop();
    this.#print(`${this.#colors.red("not run:")} ${message}`);
  }

  #finish({ kind, elapsedMs }: Extract<RunEvent, { readonly type: "run-finished" }>): void {
    this.stop();
    this.#print(formatEnd(this.#tally, kind, elapsedMs, this.#colors));
  }

  /** A line that stays. */
  #print(line: string): void {
    this.#clear();
    this.#stream.write(`${line}\n`);
  }

  #clear(): void {
    if (this.#isTty && this.#shown !== "") this.#stream.write(CLEAR_LINE);
    this.#shown = "";
  }
}
