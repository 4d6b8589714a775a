/**
 * The workers of a shared cluster: known by what they tell. The cluster's own service decides how many there are; a run
 * neither starts nor stops any, and one without workers waits.
 */
import type { Clock } from "../base/clock.ts";
import type { SharedPatience } from "../cluster/cluster.ts";
import type { ExecutorEvent } from "./executor.ts";
import type { Backlog, Workforce } from "./workforce.ts";

/** A worker that was killed says no bye: one that has told nothing for so long counts no more. Long calls are silent too. */
const forgetMs = 60 * 60 * 1000;
/** Of a stack's service. From no workers at all, CloudWatch's minutes and a start take about four; with a queue that slept, up to fifteen more. */
const servicePatience: SharedPatience = {
  ms: 5 * 60 * 1000,
  nobody: "its service starts workers by itself, from none within minutes; its events in ECS say what hinders it",
  busy: "its workers are busy; more are started up to the service's maximum",
};

export interface SharedWorkersDeps {
  readonly watchMs: number;
  /** @default a service's */
  readonly patience?: SharedPatience | undefined;
  readonly clock: Clock;
  readonly emit: (event: ExecutorEvent) => void;
}

interface SharedWorker {
  readonly slots: number;
  heardAt: number;
}

export class SharedWorkers implements Workforce {
  readonly #deps: SharedWorkersDeps;
  readonly #there = new Map<string, SharedWorker>();
  /** Slots of every worker that the run has had. */
  readonly #met = new Map<string, number>();
  readonly #stopping = new AbortController();
  #heardAt = Number.NEGATIVE_INFINITY;
  #sharedMs = 0;
  /** They stay when the run ends, whoever pays for them. */
  readonly present = 0;
  readonly lifetimesMs: readonly number[] = [];
  readonly lastLoss = undefined;
  readonly launches = undefined;
  readonly limitedBy = undefined;
  readonly startUpMs = undefined;

  constructor(deps: SharedWorkersDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#met.size;
  }

  get sharedMs(): number {
    return this.#sharedMs;
  }

  get slots(): number {
    this.#forgetSilent();
    return [...this.#there.values()].reduce((sum, { slots }) => sum + slots, 0);
  }

  async start(): Promise<void> {
    await Promise.resolve();
  }

  /** Tells once for each drought that chunks wait and nobody takes them. */
  async watch(backlog: Pick<Backlog, "tasks" | "outstanding">): Promise<void> {
    const { clock, watchMs, patience = servicePatience, emit } = this.#deps;
    let quietSince = clock.now();
    let told = false;
    for (;;) {
      await clock.sleep(watchMs, this.#stopping.signal).catch(() => undefined); // ends by the signal only
      if (this.#stopping.signal.aborted) return;
      const now = clock.now();
      if (backlog.outstanding() === 0 || this.#heardAt > quietSince) {
        quietSince = backlog.outstanding() === 0 ? now : this.#heardAt;
        told = false;
      }
      if (told || now - quietSince < patience.ms) continue;
      quietSince = now;
      const drought = await this.#findDrought(backlog, patience);
      told = drought !== undefined;
      if (drought !== undefined) emit({ kind: "warning", message: drought });
    }
  }

  workCame(): void {
    // The service sees it in the queue.
  }

  tellActivity(): void {
    // Nobody here decides who leaves.
  }

  joined(workerId: string, slots: number): void {
    const { clock, emit } = this.#deps;
    const known = this.#there.has(workerId);
    this.#heardAt = clock.now();
    this.#there.set(workerId, { slots, heardAt: this.#heardAt });
    this.#met.set(workerId, slots);
    // Nobody knows when it was requested, and it was not for this run.
    if (!known) emit({ kind: "worker-joined", workerId, workers: this.#there.size, startupMs: 0 });
  }

  left(workerId: string): void {
    if (!this.#there.delete(workerId)) return;
    this.#deps.emit({ kind: "worker-lost", workerId, reason: "the shared cluster took it away" });
  }

  progressed(workerId: string, busyMs: number): void {
    this.#heardAt = this.#deps.clock.now();
    // A worker whose hello has not come yet counts as one of a single slot: the share is rather too large than too small.
    this.#sharedMs += busyMs / (this.#met.get(workerId) ?? 1);
    const worker = this.#there.get(workerId);
    if (worker !== undefined) worker.heardAt = this.#heardAt;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.resolve();
  }

  #forgetSilent(): void {
    const now = this.#deps.clock.now();
    for (const [id, worker] of this.#there) if (now - worker.heardAt >= forgetMs) this.#there.delete(id);
  }

  /** What is to be told; undefined while all may be well, since long calls are silent as well. */
  async #findDrought(
    { tasks, outstanding }: Pick<Backlog, "tasks" | "outstanding">,
    patience: SharedPatience,
  ): Promise<string | undefined> {
    const depth = await tasks.depth().catch(() => undefined); // whoever counts will count again
    if (depth === undefined) return undefined;
    const chunks = `${String(outstanding())} chunks of this run wait on the shared cluster`;
    if (depth.inFlight === 0) {
      return `${chunks}, and no worker takes any (${patience.nobody})`;
    }
    if (this.#there.size > 0) return undefined;
    return `${chunks} behind ${String(depth.waiting + depth.inFlight + depth.delayed)} of all runs (${patience.busy})`;
  }
}
