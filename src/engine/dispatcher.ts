/**
 * The engine's hand on the executor: what became ready in one turn is handed over together at its end, in order of
 * creation, neighbouring calls as one range. How the calls then live is in `plain-calls.ts` and `mapped-calls.ts`.
 *
 * - D1 The executor is called from here and from these two only, and never while the scheduler is at work.
 * - D2 Whatever the executor throws becomes the state of the calls it was thrown for; the other calls go on.
 * - D4 After `stop` nothing more is handed over, and what still ends is ignored.
 */
import type { Executor, Step } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import type { RunObserver } from "../flow/run-event.ts";
import type { OnPause } from "../flow/run-options.ts";
import { Activity } from "./activity.ts";
import type { CallState } from "./call-state.ts";
import type { RunCalls } from "./calls.ts";
import type { CallsWorld, DispatchListener } from "./calls-world.ts";
import { DueQueue } from "./due-queue.ts";
import { KeptCalls } from "./kept-calls.ts";
import type { KeptResults } from "./kept-results.ts";
import { MappedCalls } from "./mapped-calls.ts";
import type { MappedRun } from "./mapped-run.ts";
import { pendingNode } from "./node-state.ts";
import { type PlainCall, PlainCalls } from "./plain-calls.ts";
import type { RetryWorld } from "./retries.ts";

export interface DispatcherParts {
  readonly calls: RunCalls;
  readonly executor: Executor;
  readonly listener: DispatchListener;
  /** The mapped node `id`, when its width is known. */
  readonly find: (id: number) => MappedRun | undefined;
  readonly world: RetryWorld & {
    readonly emit: RunObserver;
    readonly onPause: OnPause | undefined;
    readonly kept: KeptResults;
  };
  /** Called when nothing is under way any more, and nothing is waited for. */
  readonly rested: () => void;
}

type Ready =
  { readonly kind: "plain"; readonly call: PlainCall } | { readonly kind: "mapped"; readonly run: MappedRun };

export class Dispatcher {
  readonly #world: CallsWorld;
  readonly #plain: PlainCalls;
  readonly #mapped: MappedCalls;
  /** By node. */
  readonly #ready = new Map<number, Ready>();
  #flushing = false;

  constructor({ calls, executor, listener, find, world, rested }: DispatcherParts) {
    const activity = new Activity(() => {
      if (this.isIdle) rested();
    });
    const { clock, random, retry, emit, onPause } = world;
    const kept = new KeptCalls(world.kept, executor);
    const due = new DueQueue(clock);
    this.#world = { calls, executor, listener, clock, random, retry, emit, onPause, activity, due, kept };
    this.#plain = new PlainCalls(this.#world, (call) => {
      this.#addPlain(call);
    });
    this.#mapped = new MappedCalls(this.#world, find, (run) => {
      this.addMapped(run);
    });
  }

  /** Nothing will happen unless something is added. */
  get isIdle(): boolean {
    return !this.#flushing && this.#world.activity.isNone && this.#world.due.isEmpty;
  }

  addPlain(node: TaskNode, step: () => Step): void {
    this.#addPlain({ node, step, begun: 0, pauses: 0, from: pendingNode });
  }

  /** Looks for a kept result first; `otherwise` is called where there is none. */
  seek(node: TaskNode, step: () => Step, otherwise: () => void): void {
    this.#plain.seek(node, step, otherwise);
  }

  /** Ends a plain call, or lets it pause, without running it. */
  arrive(node: TaskNode, step: () => Step, state: CallState): void {
    this.#plain.arrive(node, step, state);
  }

  addMapped(run: MappedRun): void {
    this.#ready.set(run.node.id, { kind: "mapped", run });
    this.#scheduleFlush();
  }

  /** Work of the scheduler's own, during which the run is not at rest. It must not reject. */
  begin(work: () => Promise<void>): void {
    this.#world.activity.begin(work);
  }

  /** The world in which handlers are told. */
  get world(): CallsWorld {
    return this.#world;
  }

  stop(): void {
    this.#world.activity.stop();
    this.#world.due.stop();
  }

  #addPlain(call: PlainCall): void {
    this.#ready.set(call.node.id, { kind: "plain", call });
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (!this.#world.activity.isStopped) this.#flush();
    });
  }

  #flush(): void {
    const ready = [...this.#ready].sort(([a], [b]) => a - b);
    this.#ready.clear();
    for (const [, what] of ready) {
      if (what.kind === "plain") this.#plain.run(what.call);
      else this.#mapped.run(what.run);
    }
  }
}
