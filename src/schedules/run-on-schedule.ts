/**
 * What `flow.run()` does when the flow has a schedule.
 *
 * - C1 Runs never overlap, and what was missed is not made up for: the next event is the first one after now.
 * - C2 An event is run once, though a timer fires early or the wall clock is set back.
 * - C3 Whatever becomes of a run, the schedule goes on until it ends or the signal aborts.
 * - C4 Everything that can be checked is checked before the first wait.
 */
import type { Clock } from "../base/clock.ts";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import type { FlowDefinition, FlowRunner } from "../flow/flow.ts";
import type { FlowSchedule, ScheduledEvent } from "../flow/flow-schedule.ts";
import type { RunEvent } from "../flow/run-event.ts";
import type { RunOptions } from "../flow/run-options.ts";
import type { FlowState } from "../flow/flow-state.ts";

export interface ScheduleDeps {
  readonly clock: Clock;
  /** Whether flows run on their schedules when `run` does not say. */
  readonly runOnSchedule: () => Promise<boolean>;
  /** Rejects when a run with these options would be refused. */
  readonly check: (flow: FlowDefinition, options: RunOptions) => Promise<void>;
  /** Tells of a run that did not go well when the run has no observer. */
  readonly warn: (message: string) => void;
}

const LONGEST_SLEEP_MS = 60_000; // the wall clock may be set, and a computer may sleep, while we do

/** `run`, but for flows with a schedule once for each event of it. */
export function onSchedule(run: FlowRunner, deps: ScheduleDeps): FlowRunner {
  return async <R>(flow: FlowDefinition, options: RunOptions) => {
    const schedule = checkSchedule(flow);
    const wanted = schedule !== undefined && (checkFlag(options.runOnSchedule) ?? (await deps.runOnSchedule()));
    if (!wanted || options.resume !== undefined) return await run<R>(flow, options);
    return await new ScheduledRuns<R>(flow, schedule, options, (given) => run<R>(flow, given), deps).run();
  };
}

class ScheduledRuns<R> {
  readonly #flow: FlowDefinition;
  readonly #schedule: FlowSchedule;
  readonly #options: RunOptions;
  readonly #runOnce: (options: RunOptions) => Promise<FlowState<R>>;
  readonly #deps: ScheduleDeps;
  readonly #signal: AbortSignal;
  #last: PromiseSettledResult<FlowState<R>> | undefined;

  constructor(
    flow: FlowDefinition,
    schedule: FlowSchedule,
    options: RunOptions,
    runOnce: (options: RunOptions) => Promise<FlowState<R>>,
    deps: ScheduleDeps,
  ) {
    this.#flow = flow;
    this.#schedule = schedule;
    this.#options = options;
    this.#runOnce = runOnce;
    this.#deps = deps;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  /** The outcome of the last run, once the schedule has ended or the signal has aborted. */
  async run(): Promise<FlowState<R>> {
    const { clock } = this.#deps;
    let events = this.#schedule.next(new Date(clock.now()));
    if (events.length === 0) throw new CloudburstError("schedule_exhausted", "Flow has no more scheduled runs.");
    await this.#checkAll(events); // C4
    const firstOptions = this.#with(events[0]?.parameterDefaults ?? {});
    for (let [first] = events; first !== undefined; [first] = events) {
      const atMs = first.at.getTime();
      this.#emit({ type: "run-scheduled", flowName: this.#flow.name, at: first.at });
      await this.#sleepUntil(atMs);
      for (const event of events) await this.#runEvent(event);
      if (this.#signal.aborted) break;
      events = this.#schedule.next(new Date(Math.max(clock.now(), atMs))); // C1, C2
    }
    // Aborted before the first event: the runner makes a cancelled state of it, and starts nothing.
    this.#last ??= { status: "fulfilled", value: await this.#runOnce(firstOptions) };
    if (this.#last.status === "rejected") throw this.#last.reason;
    return this.#last.value;
  }

  async #checkAll(events: readonly ScheduledEvent[]): Promise<void> {
    const known = this.#schedule.parameterDefaults ?? events.map((event) => event.parameterDefaults);
    for (const defaults of known) await this.#deps.check(this.#flow, this.#with(defaults));
  }

  async #sleepUntil(atMs: number): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#signal.aborted) {
      const leftMs = atMs - clock.now();
      if (leftMs <= 0) return;
      // It rejects only when the signal aborts, which the loop sees.
      await clock.sleep(Math.min(leftMs, LONGEST_SLEEP_MS), this.#signal).catch(() => undefined);
    }
  }

  async #runEvent(event: ScheduledEvent): Promise<void> {
    if (this.#signal.aborted) return;
    [this.#last] = await Promise.allSettled([this.#runOnce(this.#at(event))]); // C3
    if (this.#last.status === "rejected") this.#tellBroken(toError(this.#last.reason), event);
    else this.#tellEnd(this.#last.value, event);
  }

  #tellEnd({ kind, message }: FlowState<R>, event: ScheduledEvent): void {
    if (kind === "Failed" || kind === "Paused") this.#warn(event, `ended as ${kind}: ${message}`);
  }

  #with(defaults: ScheduledEvent["parameterDefaults"]): RunOptions {
    return { ...this.#options, parameters: { ...this.#options.parameters, ...defaults } };
  }

  #at(event: ScheduledEvent): RunOptions {
    const options = this.#with(event.parameterDefaults);
    return { ...options, context: { ...options.context, scheduledStartTime: event.at } };
  }

  #tellBroken(error: Error, event: ScheduledEvent): void {
    this.#emit({ type: "run-broken", flowName: this.#flow.name, error });
    this.#warn(event, `could not be run: ${error.message}`);
  }

  /** To nobody's knowledge a schedule could fail for days: without an observer the process's own warnings tell. */
  #warn(event: ScheduledEvent, what: string): void {
    if (this.#options.onEvent !== undefined) return;
    this.#deps.warn(`flow "${this.#flow.name}", scheduled for ${event.at.toISOString()}, ${what}`);
  }

  #emit(event: RunEvent): void {
    try {
      this.#options.onEvent?.(event);
    } catch {
      // Nobody to tell: the observer is the one to be told.
    }
  }
}

function checkSchedule({ name, schedule }: FlowDefinition): FlowSchedule | undefined {
  const untyped: unknown = schedule; // it can be set at any time, and from JavaScript to anything
  if (untyped === undefined || untyped === null) return undefined;
  if (typeof untyped === "object" && "next" in untyped && typeof untyped.next === "function") return schedule;
  throw new InvalidOptionError(
    `schedule of flow "${name}" must be a schedule, such as IntervalSchedule({ interval: "1m" }), got ${typeof untyped}`,
  );
}

function checkFlag(given: unknown): boolean | undefined {
  if (given === undefined || typeof given === "boolean") return given;
  throw new InvalidOptionError(`runOnSchedule must be true or false, got ${JSON.stringify(given)}`);
}
