/** A fleet and its workers in virtual time: they take chunks from a queue, rest, and leave when the driver says so. */
import type { Fleet, Launch, LaunchReply, WorkerTask } from "../../src/cluster/fleet.ts";
import type { ExecutorEvent, PlannedCalls } from "../../src/executors/executor.ts";
import { resolveFleetScaling } from "../../src/executors/fleet-scaling.ts";
import { FleetWatch } from "../../src/executors/fleet-watch.ts";
import { type KnownFlow, nothingKnown } from "../../src/executors/past-runs.ts";
import type { Workload } from "../../src/executors/workload.ts";
import type { AdaptKwargs } from "../../src/adaptive/adapt-options.ts";
import { resolveAdaptOptions } from "../../src/adaptive/adapt-options.ts";
import { FakeClock } from "../observe/fake-clock.ts";

const stepMs = 100;
const lookMs = 1_000;

export interface ModelOptions {
  readonly adapt: AdaptKwargs;
  readonly startUpMs: (launched: number) => number;
  readonly minimumBilledMs: number;
  readonly workers?: number;
  readonly usdPerHour?: number;
  readonly remembered?: KnownFlow;
}

interface ModelWorker {
  readonly id: string;
  readonly joinsAt: number;
  joined: boolean;
  chunk: { readonly id: number; readonly endsAt: number } | undefined;
  restsSince: number;
  toldIdle: boolean;
  turn: number;
  gone: boolean;
}

export interface Arrival {
  /** From the beginning. */
  readonly atMs: number;
  /** A chunk of one call for each. */
  readonly durationsMs: readonly number[];
}

export class FleetModel {
  readonly clock = new FakeClock();
  readonly events: ExecutorEvent[] = [];
  readonly launched: { readonly atMs: number; readonly count: number }[] = [];
  /** Ids that were asked to end by StopTask. */
  readonly stopped: string[] = [];
  /** How often each chunk has been run to its end. */
  readonly runs = new Map<number, number>();
  planned: readonly PlannedCalls[] | undefined = [];
  most = 0;
  error: unknown;
  readonly watch: FleetWatch;
  readonly #options: ModelOptions;
  readonly #workers: ModelWorker[] = [];
  readonly #waiting: { readonly id: number; readonly durationMs: number }[] = [];
  readonly #begun = this.clock.now();
  #chunks = 0;
  #ended = 0;
  #busyMs = 0;
  #longestMs = 0;
  #leaving: ReadonlySet<string> = new Set();

  constructor(options: ModelOptions) {
    this.#options = options;
    const { minimumBilledMs, usdPerHour = 1, workers = 1 } = options;
    const price = { spot: usdPerHour, "on-demand": usdPerHour };
    const workerFacts = { kind: "model", usdPerHour: price, minimumBilledMs, unbilledStartUpMs: 0 };
    const cluster = { workers, slotsPerWorker: 1, watchMs: 1_000, workerFacts };
    this.watch = new FleetWatch({
      launchName: "run",
      fleet: this.#fleet(),
      scaling: resolveFleetScaling(cluster, resolveAdaptOptions(options.adapt, this.#begun)),
      remembered: options.remembered ?? nothingKnown,
      planned: () => this.planned,
      watchMs: 1_000,
      clock: this.clock,
      emit: (event) => void this.events.push(event),
    });
  }

  get nowMs(): number {
    return this.clock.now() - this.#begun;
  }

  get alive(): number {
    return this.#workers.filter(({ gone }) => !gone).length;
  }

  get isDone(): boolean {
    return this.#ended === this.#chunks;
  }

  async start(): Promise<void> {
    await this.watch.start();
    const backlog = {
      outstanding: () => this.#chunks - this.#ended,
      workload: () => this.#workload(),
      dismiss: (ids: readonly string[]) => void (this.#leaving = new Set(ids)),
    };
    this.watch.watch(backlog).catch((error: unknown) => (this.error = error));
  }

  add(durationsMs: readonly number[]): void {
    const wasIdle = this.isDone;
    for (const durationMs of durationsMs) this.#waiting.push({ id: this.#chunks++, durationMs });
    if (wasIdle) this.watch.workCame();
  }

  /** Runs until all that arrives is done and `restMs` have gone by, or the watch has ended with an error. */
  async play(arrivals: readonly Arrival[], restMs: number, limitMs = 3_600_000): Promise<void> {
    const left = [...arrivals].sort((a, b) => a.atMs - b.atMs);
    let doneAt: number | undefined;
    while (this.error === undefined && this.nowMs < limitMs) {
      while ((left[0]?.atMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) this.add(left.shift()?.durationsMs ?? []);
      const done = left.length === 0 && this.isDone;
      doneAt = done ? (doneAt ?? this.nowMs) : undefined;
      if (doneAt !== undefined && this.nowMs - doneAt >= restMs) return;
      await this.step();
    }
  }

  async step(): Promise<void> {
    await this.clock.advance(stepMs);
    for (const worker of this.#workers) if (!worker.gone) this.#live(worker);
    this.most = Math.max(this.most, this.alive);
  }

  #fleet(): Fleet {
    return {
      prefers: "on-demand",
      fallsBack: true,
      launch: ({ count }) => Promise.resolve(this.#launch({ count })),
      observe: (ids) => Promise.resolve(ids.map((id) => this.#seen(id))),
      explain: (reason) => reason,
      stop: (ids) => {
        this.stopped.push(...ids);
        return Promise.resolve();
      },
    };
  }

  #launch({ count }: Pick<Launch, "count">): LaunchReply {
    this.launched.push({ atMs: this.nowMs, count });
    const ids = Array.from({ length: count }, () => {
      const id = `worker-${this.#workers.length}`;
      const joinsAt = this.clock.now() + this.#options.startUpMs(this.#workers.length);
      const worker = { id, joinsAt, joined: false, chunk: undefined, restsSince: joinsAt, toldIdle: false };
      this.#workers.push({ ...worker, turn: 0, gone: false });
      return id;
    });
    return { kind: "answered", ids, failures: [] };
  }

  #seen(id: string): WorkerTask {
    const gone = this.#workers.find((worker) => worker.id === id)?.gone === true;
    return { id, status: gone ? "stopped" : "running", reason: undefined, interrupted: false };
  }

  #live(worker: ModelWorker): void {
    const now = this.clock.now();
    if (now < worker.joinsAt) return;
    if (!worker.joined) this.watch.joined(worker.id);
    worker.joined = true;
    if (worker.chunk !== undefined && worker.chunk.endsAt <= now) this.#end(worker, worker.chunk.id);
    if (worker.chunk !== undefined) return;
    if (this.#leaving.has(worker.id) && (now - worker.joinsAt) % lookMs < stepMs) {
      worker.gone = true;
      this.watch.left(worker.id);
      return;
    }
    this.#take(worker, now);
  }

  #take(worker: ModelWorker, now: number): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      worker.chunk = { id: next.id, endsAt: now + next.durationMs };
      if (worker.toldIdle) this.#tell(worker, false);
    } else if (!worker.toldIdle && now - worker.restsSince >= 2 * lookMs) {
      this.#tell(worker, true);
    }
  }

  #end(worker: ModelWorker, chunk: number): void {
    const durationMs = this.clock.now() - worker.restsSince;
    this.runs.set(chunk, (this.runs.get(chunk) ?? 0) + 1);
    worker.chunk = undefined;
    worker.restsSince = this.clock.now();
    this.#ended += 1;
    this.#busyMs += durationMs;
    this.#longestMs = Math.max(this.#longestMs, durationMs);
    this.watch.progressed(worker.id);
  }

  #tell(worker: ModelWorker, idle: boolean): void {
    worker.toldIdle = idle;
    worker.turn += 1;
    this.watch.tellActivity(worker.id, idle, worker.turn);
  }

  #workload(): Workload {
    const remainingCalls = this.#chunks - this.#ended;
    const measured = { calls: this.#ended, meanMs: this.#busyMs / this.#ended, tailMs: this.#longestMs };
    return {
      tasks: remainingCalls === 0 ? [] : [{ slug: "work-1", chain: ["work-1"], remainingCalls }],
      chunks: remainingCalls,
      callsInChunks: remainingCalls,
      measured: () => (this.#ended === 0 ? undefined : measured),
    };
  }
}
