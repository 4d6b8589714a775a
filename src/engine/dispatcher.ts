/**
 * The engine's hand on the executor: what became ready in one turn is handed over together at its end, in order of
 * creation, neighbouring calls as one range; what the executor tells goes back to the scheduler.
 *
 * - D1 The executor is called from here only, and never while the scheduler is at work.
 * - D2 Whatever the executor throws becomes the state of the calls it was thrown for; the other calls go on.
 * - D3 What a later step of a fused call tells is taken after the earlier step has been told, in whatever order it comes.
 * - D4 After `stop` nothing more is handed over, and what still ends is ignored.
 */
import { CloudburstError, toError } from "../base/errors.ts";
import type { Executor, IndexRange, Outcome, Settled, Step } from "../executors/executor.ts";
import { hasEnded } from "./call-code.ts";
import { plainCall } from "./calls.ts";
import type { SettledCounts } from "./child-states.ts";
import { type Chain, chainOf } from "./fusion.ts";
import type { MappedRun } from "./mapped-run.ts";
import { failedMessage, unexpectedMessage } from "./messages.ts";
import { failedNode, type NodeState, succeededNode } from "./node-state.ts";

/** Who is told how calls ended. */
export interface DispatchListener {
  plainEnded(id: number, state: NodeState): void;
  childrenEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void;
}

export interface DispatcherParts {
  readonly runId: string;
  readonly executor: Executor;
  readonly listener: DispatchListener;
  /** The mapped node `id`, when its width is known. */
  readonly find: (id: number) => MappedRun | undefined;
}

type Ready =
  { readonly kind: "plain"; readonly step: () => Step } | { readonly kind: "mapped"; readonly run: MappedRun };

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #chains = new Map<MappedRun, Chain>();
  /** By node. */
  readonly #ready = new Map<number, Ready>();
  #flushing = false;
  #stopped = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  addPlain(id: number, step: () => Step): void {
    this.#ready.set(id, { kind: "plain", step });
    this.#scheduleFlush();
  }

  addMapped(run: MappedRun): void {
    this.#ready.set(run.node.id, { kind: "mapped", run });
    this.#scheduleFlush();
  }

  stop(): void {
    this.#stopped = true;
  }

  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (!this.#stopped) this.#flush();
    });
  }

  #flush(): void {
    const ready = [...this.#ready].sort(([a], [b]) => a - b);
    this.#ready.clear();
    // Not awaited: each call tells its end, and its errors, to the listener.
    for (const [id, what] of ready) {
      if (what.kind === "plain") void this.#submit(id, what.step);
      else this.#mapReady(what.run);
    }
  }

  async #submit(id: number, step: () => Step): Promise<void> {
    const { runId, executor, listener } = this.#parts;
    let state: NodeState;
    try {
      state = outcomeState(await executor.submit(plainCall(runId, step())));
    } catch (thrown) {
      const error = toError(thrown);
      state = failedNode(unexpectedMessage(error), error);
    }
    if (!this.#stopped) listener.plainEnded(id, state);
  }

  #mapReady(run: MappedRun): void {
    const chain = this.#chainOf(run);
    for (const range of run.ready.take()) void this.#map(chain, range);
  }

  #chainOf(run: MappedRun): Chain {
    const { runId, executor, find } = this.#parts;
    const known = this.#chains.get(run);
    if (known !== undefined) return known;
    const chain = chainOf(run, { runId, fuses: executor.fuses === true }, find);
    this.#chains.set(run, chain);
    return chain;
  }

  async #map(chain: Chain, range: IndexRange): Promise<void> {
    const [, ...fused] = chain.members;
    for (const member of fused) member.children.begin(range);
    const held: Settled[] = [];
    let error: Error;
    try {
      await this.#parts.executor.map(chain.batch(range), (settled) => {
        if (!this.#stopped) this.#settle(chain, settled, held);
      });
      error = unsettledError(chain, range);
    } catch (thrown) {
      error = toError(thrown);
    }
    if (!this.#stopped) this.#failRest(chain, range, error);
  }

  #settle(chain: Chain, settled: Settled, held: Settled[]): void {
    held.push(settled);
    for (let at = 0; at < held.length;) {
      const next = held[at];
      if (next === undefined || !isItsTurn(chain, next)) {
        at += 1;
        continue;
      }
      held.splice(at, 1);
      at = 0;
      const member = memberAt(chain, next.step);
      this.#parts.listener.childrenEnded(member, [next.range], member.children.settle(next));
    }
  }

  #failRest(chain: Chain, range: IndexRange, error: Error): void {
    for (const member of chain.members) {
      const failed = member.children.failRunning(range, error);
      if (failed > 0) this.#parts.listener.childrenEnded(member, [range], { successful: 0, failed });
    }
  }
}

function outcomeState(outcome: Outcome): NodeState {
  return outcome.kind === "success"
    ? succeededNode(outcome.value)
    : failedNode(failedMessage(outcome.error), outcome.error);
}

function isItsTurn(chain: Chain, { step, range }: Settled): boolean {
  if (step === 0) return true;
  const { children } = memberAt(chain, step - 1);
  for (let index = range.start; index < range.end; index += 1) if (!hasEnded(children.codeAt(index))) return false;
  return true;
}

function memberAt(chain: Chain, step: number): MappedRun {
  const member = chain.members[step];
  if (member !== undefined) return member;
  throw new CloudburstError(
    "bad_settling",
    `the executor settled step ${String(step)} of a batch that has ${String(chain.members.length)}`,
  );
}

function unsettledError(chain: Chain, { start, end }: IndexRange): CloudburstError {
  return new CloudburstError(
    "unsettled_calls",
    `the executor ended map() of task "${chain.members[0].node.name}" without settling ` +
      `all of its calls ${String(start)} to ${String(end - 1)}`,
  );
}
