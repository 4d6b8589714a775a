/**
 * The worker processes that a scheduler starts itself. As many as it should have: one that is killed is replaced, as a
 * stack's service replaces its tasks, and ever more slowly while they do not last.
 */
import { type BackoffPolicy, backoffMs } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import type { RunningContainer } from "../embedded/cloud.ts";

const pause: BackoffPolicy = { baseMs: 1_000, maxMs: 30_000 };
/** One that has worked for so long did not fail by starting. */
const steadyMs = 30_000;

export interface WorkerCrewDeps {
  readonly size: number;
  readonly launch: (name: string) => Promise<RunningContainer>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

export class WorkerCrew {
  readonly #deps: WorkerCrewDeps;
  readonly #running = new Set<RunningContainer>();
  readonly #stopping = new AbortController();
  readonly #posts: readonly Promise<void>[];

  constructor(deps: WorkerCrewDeps) {
    this.#deps = deps;
    this.#posts = Array.from({ length: deps.size }, (_, at) => this.#man(`local-${String(at + 1)}`));
  }

  /** Lets all finish what they have in hand; those that are not done by then are killed. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping.abort();
    for (const worker of this.#running) worker.kill("SIGTERM");
    const left = new AbortController();
    const overdue = this.#deps.clock.sleep(withinMs, left.signal).then(
      () => {
        for (const worker of this.#running) worker.kill("SIGKILL");
      },
      () => undefined, // all have left
    );
    await Promise.all(this.#posts);
    left.abort();
    await overdue;
  }

  /** Keeps one worker there. */
  async #man(name: string): Promise<void> {
    const { clock, random, log } = this.#deps;
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = clock.now();
      const end = await this.#runOne(name);
      if (signal.aborted) return;
      failures = clock.now() - startedAt < steadyMs ? failures + 1 : 1;
      log(`worker ${name} ${end}; another one takes its place`);
      await clock.sleep(backoffMs(pause, failures, random), signal).catch(() => undefined); // ends by the signal only
    }
  }

  async #runOne(name: string): Promise<string> {
    try {
      const worker = await this.#deps.launch(name);
      this.#running.add(worker);
      if (this.#stopping.signal.aborted) worker.kill("SIGTERM");
      const { exitCode, reason } = await worker.exited;
      this.#running.delete(worker);
      return `ended with exit code ${String(exitCode)}${reason === undefined ? "" : `: ${reason}`}`;
    } catch (error) {
      return `could not be started: ${toError(error).message}`;
    }
  }
}
