/**
 * Runs calls in this process, one after the other. The default of `flow.run()`.
 *
 * - L1 Of everything submitted, the step that was created first runs first, and within it the lowest call: tasks run in
 *   the order in which they were created, every time.
 * - L2 The next call is chosen only after the engine has heard of the last one, so that what it made ready takes part.
 * - L3 The event loop gets its turn every few milliseconds: timers fire, and a run can be aborted between two calls.
 * - L4 Calls of tasks with a timeout are made in a thread, still one at a time: there they can be ended (timed-calls.ts).
 */
import { setImmediate as turn } from "node:timers/promises";
import { type Clock, systemClock } from "../base/clock.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import { outcomeAtHand, settledAtHand } from "./calls-as-work.ts";
import type {
  Call,
  CallBatch,
  Executor,
  ExecutorProfile,
  ExecutorRun,
  Failure,
  Outcome,
  RunContext,
  Settled,
} from "./executor.ts";
import { JobQueue } from "./job-queue.ts";
import { TimedCalls } from "./timed-calls.ts";

/** Short enough for timers to feel prompt, long enough for a turn of the event loop (about 1 µs) not to matter. */
const sliceMs = 5;

export interface LocalExecutorOptions {
  /** @default the system's */
  readonly clock?: Clock | undefined;
}

export class LocalExecutor implements Executor {
  readonly profile: ExecutorProfile = { place: "in-process" };
  readonly #clock: Clock;
  readonly #runs = new Map<string, LocalRun>();

  constructor(options: LocalExecutorOptions = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  start(context: RunContext): Promise<ExecutorRun> {
    const run = new LocalRun(this.#clock, context);
    this.#runs.set(context.runId, run);
    const dispose = async (): Promise<void> => {
      this.#runs.delete(context.runId);
      await run.stop();
    };
    return Promise.resolve({ [Symbol.asyncDispose]: dispose });
  }

  async submit(call: Call): Promise<Outcome> {
    return await this.#runOf(call).submit(call);
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await this.#runOf(batch).map(batch, settle);
  }

  wait(values: readonly unknown[]): Promise<readonly unknown[]> {
    return Promise.resolve(values);
  }

  #runOf({ runId }: { readonly runId: string }): LocalRun {
    const run = this.#runs.get(runId);
    if (run !== undefined) return run;
    throw new CloudburstError("not_started", "This executor has not been started.");
  }
}

class LocalRun {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #jobs = new JobQueue();
  readonly #timed: TimedCalls;
  #draining = false;
  #stopped = false;

  constructor(clock: Clock, context: RunContext) {
    this.#clock = clock;
    this.#signal = context.signal;
    this.#timed = new TimedCalls(context);
  }

  async submit(call: Call): Promise<Outcome> {
    return await new Promise<Outcome>((resolve) => {
      const run = async (): Promise<void> => {
        resolve((await this.#makeTimed(call)) ?? (await call.run()));
      };
      const drop = (): void => {
        resolve({ kind: "failed", error: new CloudburstError("run_ended", "the run ended before the call was begun") });
      };
      this.#add({ order: call.step.order, start: 0, run, drop });
    });
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const run = async (): Promise<void> => {
        await this.#runBatch(batch, settle).then(resolve, reject);
      };
      this.#add({ order: batch.steps[0].order, start: batch.range.start, run, drop: resolve });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (let job = this.#jobs.take(); job !== undefined; job = this.#jobs.take()) job.drop();
    await this.#timed[Symbol.asyncDispose]();
  }

  get #ended(): boolean {
    return this.#stopped || this.#signal.aborted;
  }

  #add(job: Parameters<JobQueue["add"]>[0]): void {
    if (this.#ended) {
      job.drop();
      return;
    }
    this.#jobs.add(job);
    if (this.#draining) return;
    this.#draining = true;
    void this.#drain(); // each job takes its own errors
  }

  async #drain(): Promise<void> {
    for (;;) {
      await turn(); // L2
      const job = this.#jobs.take();
      if (job === undefined) break;
      if (this.#ended) job.drop();
      else await job.run();
    }
    this.#draining = false;
  }

  /** The outcome of a call with a timeout; undefined when it is to be made in this process. */
  async #makeTimed({ step, attempt }: Call): Promise<Outcome | undefined> {
    if (!this.#timed.takes(step)) return undefined;
    try {
      const pack = await this.#timed.make(step, attempt, null);
      return pack && outcomeAtHand(pack);
    } catch (thrown) {
      return { kind: "failed", error: toError(thrown) };
    }
  }

  /** Makes calls with a timeout, and tells from which on they are to be made in this process. */
  async #runTimed({ steps: [step], attempt, range }: CallBatch, settle: (settled: Settled) => void): Promise<number> {
    let { start } = range;
    while (start < range.end && this.#timed.takes(step)) {
      const part = { start, end: start + this.#timed.advise(step, { start, end: range.end }) };
      const pack = await this.#timed.make(step, attempt, part);
      if (this.#ended) return range.end;
      if (pack === undefined) break;
      settle(settledAtHand(pack, part));
      start = part.end;
    }
    return start;
  }

  async #runBatch(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    const start = await this.#runTimed(batch, settle);
    let slice = new Slice(start);
    let sliceEnd = this.#clock.now() + sliceMs;
    for (let index = start; index < batch.range.end; index += 1) {
      // A body that returns no promise costs none: at a million calls the promises would take longer than the calls.
      const outcome = batch.run(index);
      slice.add(index, outcome instanceof Promise ? await outcome : outcome);
      if (this.#clock.now() < sliceEnd) continue;
      settle(slice.settled(index + 1));
      slice = new Slice(index + 1);
      await turn(); // L3
      if (this.#ended) return;
      sliceEnd = this.#clock.now() + sliceMs;
    }
    if (slice.start < batch.range.end) settle(slice.settled(batch.range.end));
  }
}

/** Outcomes of consecutive calls that are told together. */
class Slice {
  readonly start: number;
  readonly #values: unknown[] = [];
  readonly #failures = new Map<number, Failure>();

  constructor(start: number) {
    this.start = start;
  }

  add(index: number, outcome: Outcome): void {
    if (outcome.kind === "success") {
      this.#values.push(outcome.value);
      return;
    }
    this.#values.push(undefined);
    this.#failures.set(index, outcome);
  }

  settled(end: number): Settled {
    return { step: 0, range: { start: this.start, end }, values: this.#values, failures: this.#failures };
  }
}
