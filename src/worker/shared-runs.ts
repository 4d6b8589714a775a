/**
 * The runs of a shared cluster, as far as this worker has met them.
 *
 *  R1 A chunk of a run that has ended takes no slot; one that has a slot loses it within `lookMs` of the run's end.
 *  R2 A run's lease is read when its first chunk comes, then at most once in `lookMs`, and only while chunks come or are
 *     in hand.
 *  R3 A run that is resumed is another one here: what its driver before wants has ended, what this one wants has not.
 *  R4 A run that has sent nothing for a while is forgotten, so that a worker may live for ever.
 */
import type { Clock } from "../base/clock.ts";
import type { Store } from "../store/store.ts";
import { LeaseJudge, readRunLease } from "./driver-watch.ts";
import type { RunPace, Runs, Unwanted, Visit } from "./runs.ts";

/** One GET in five seconds for each run in work: 1,000 of them cost $0.0004, a worker's hour a hundred times as much. */
const lookMs = 5_000;
/** Longer than a grace period: what is known of a silent driver must not be forgotten before it counts. */
const keepMs = 15 * 60 * 1000;

/** A run and where its notices go. */
export interface RunContact {
  readonly runId: string;
  readonly notices: string;
}

export interface SharedRunsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly graceMs: number;
  /** The worker is about to run a chunk of a run that it has not worked for lately. */
  readonly greet: (run: RunContact) => void;
}

interface KnownRun extends RunContact {
  readonly judge: LeaseJudge;
  readonly pace: RunPace;
  readonly visits: Set<AbortController>;
  standing: "alive" | Unwanted;
  greeted: boolean;
  /** When a chunk of it came last. */
  metAt: number;
  lookedAt: number;
  looking: Promise<void> | undefined;
}

export class SharedRuns implements Runs, AsyncDisposable {
  readonly #deps: SharedRunsDeps;
  /** By the queue that the driver listens on: each driver has its own (R3). */
  readonly #known = new Map<string, KnownRun>();
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;

  constructor(deps: SharedRunsDeps) {
    this.#deps = deps;
    this.#watching = this.#watch();
  }

  /** Runs that this worker has worked for lately and that have not ended. */
  get current(): readonly RunContact[] {
    return [...this.#known.values()].filter(({ greeted, standing }) => greeted && standing !== "ended");
  }

  async enter(chunk: RunContact): Promise<Visit | Unwanted> {
    const run = this.#meet(chunk);
    await this.#look(run);
    if (run.standing !== "alive") return run.standing;
    if (!run.greeted) this.#deps.greet(run);
    run.greeted = true;
    return openVisit(run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  #meet({ runId, notices }: RunContact): KnownRun {
    const { clock, graceMs } = this.#deps;
    const run = this.#known.get(notices) ?? {
      runId,
      notices,
      judge: new LeaseJudge(graceMs, clock, notices),
      pace: { lastChunkMs: Number.POSITIVE_INFINITY },
      visits: new Set(),
      standing: "alive",
      greeted: false,
      metAt: 0,
      lookedAt: Number.NEGATIVE_INFINITY,
      looking: undefined,
    };
    run.metAt = clock.now();
    this.#known.set(notices, run);
    return run;
  }

  /** R2. Chunks that come together share one look. */
  async #look(run: KnownRun): Promise<void> {
    const { clock } = this.#deps;
    if (run.standing === "ended" || clock.now() - run.lookedAt < lookMs) return;
    run.looking ??= this.#judge(run).finally(() => {
      run.lookedAt = clock.now();
      run.looking = undefined;
    });
    await run.looking;
  }

  async #judge(run: KnownRun): Promise<void> {
    // An unreachable store counts as a lease that was not renewed.
    const lease = await readRunLease(this.#deps.store, run.runId).catch(() => "unreadable" as const);
    // A driver writes the lease before its first chunk: one that is missing has been cleared away with its run.
    run.standing = lease === undefined ? "ended" : run.judge.judge(lease === "unreadable" ? undefined : lease);
    if (run.standing !== "alive") for (const visit of run.visits) visit.abort(); // R1
  }

  async #watch(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    for (;;) {
      await clock.sleep(lookMs, signal).catch(() => undefined); // ends by the signal only
      if (signal.aborted) return;
      const runs = [...this.#known.values()];
      for (const run of runs) {
        if (run.visits.size === 0 && clock.now() - run.metAt >= keepMs) this.#known.delete(run.notices); // R4
      }
      await Promise.all(runs.filter(({ visits }) => visits.size > 0).map((run) => this.#look(run)));
    }
  }
}

function openVisit(run: KnownRun): Visit {
  const leaving = new AbortController();
  run.visits.add(leaving);
  return {
    pace: run.pace,
    signal: leaving.signal,
    get unwanted() {
      return leaving.signal.aborted && run.standing !== "alive" ? run.standing : undefined;
    },
    [Symbol.dispose]: () => void run.visits.delete(leaving),
  };
}
