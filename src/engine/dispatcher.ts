/**
 * The engine's hand on the executor: what became ready in one turn is handed over together at its end, in order of
 * creation, neighbouring calls as one range; what the executor tells goes back to the scheduler.
 *
 * - D1 The executor is called from here only, and never while the scheduler is at work.
 * - D2 Whatever the executor throws becomes the state of the calls it was thrown for; the other calls go on.
 * - D3 What a later step of a fused call tells is taken after the earlier step has been told, in whatever order it comes.
 * - D4 After `stop` nothing more is handed over, and what still ends is ignored.
 * - D5 A call that failed and is to be made again waits here, outside of the executor, until it is due; then it alone is
 *   handed over once more. What the executor itself threw is never a reason to make a call again.
 */
import { CloudburstError, toError } from "../base/errors.ts";
import type { Executor, IndexRange, Outcome, Settled, Step } from "../executors/executor.ts";
import type { TaskNode } from "../flow/graph.ts";
import { hasEnded } from "./call-code.ts";
import { plainCall, type RunCalls } from "./calls.ts";
import type { SettledCounts } from "./child-states.ts";
import { DueQueue } from "./due-queue.ts";
import { type Chain, chainAgain, chainOf } from "./fusion.ts";
import { InFlight } from "./in-flight.ts";
import type { MappedRun } from "./mapped-run.ts";
import { failedMessage, unexpectedMessage } from "./messages.ts";
import { failedNode, type NodeState, retryingNode, runningNode, succeededNode } from "./node-state.ts";
import { Ranges } from "./ranges.ts";
import { nextAttemptMs, type RetryWorld } from "./retries.ts";

/** Who is told how calls ended. */
export interface DispatchListener {
  plainEnded(id: number, state: NodeState): void;
  /** A call waits for its next attempt, or begins it. */
  plainChanged(id: number, state: NodeState): void;
  childrenEnded(run: MappedRun, ranges: readonly IndexRange[], counts: SettledCounts): void;
}

export interface DispatcherParts {
  readonly calls: RunCalls;
  readonly executor: Executor;
  readonly listener: DispatchListener;
  /** The mapped node `id`, when its width is known. */
  readonly find: (id: number) => MappedRun | undefined;
  readonly world: RetryWorld;
}

/** A call of a plain task. */
interface PlainCall {
  readonly node: TaskNode;
  readonly step: () => Step;
  /** How often it was made before. */
  readonly attempt: number;
}

type Ready =
  { readonly kind: "plain"; readonly call: PlainCall } | { readonly kind: "mapped"; readonly run: MappedRun };

/** Calls of one chain under way, and what is held back of what was told of them. */
interface Telling {
  readonly chain: Chain;
  readonly flight: InFlight;
  readonly held: Settled[];
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #chains = new Map<MappedRun, Chain>();
  /** For calls that are made again: by their task, then by the number of attempts before. */
  readonly #chainsAgain = new Map<MappedRun, Map<number, Chain>>();
  readonly #due: DueQueue;
  /** By node. */
  readonly #ready = new Map<number, Ready>();
  #flushing = false;
  #stopped = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#due = new DueQueue(parts.world.clock);
  }

  addPlain(node: TaskNode, step: () => Step): void {
    this.#addPlain({ node, step, attempt: 0 });
  }

  addMapped(run: MappedRun): void {
    this.#ready.set(run.node.id, { kind: "mapped", run });
    this.#scheduleFlush();
  }

  stop(): void {
    this.#stopped = true;
    this.#due.stop();
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
      if (!this.#stopped) this.#flush();
    });
  }

  #flush(): void {
    const ready = [...this.#ready].sort(([a], [b]) => a - b);
    this.#ready.clear();
    // Not awaited: each call tells its end, and its errors, to the listener.
    for (const [, what] of ready) {
      if (what.kind === "plain") void this.#submit(what.call);
      else this.#mapReady(what.run);
    }
  }

  async #submit(call: PlainCall): Promise<void> {
    const { calls, executor, listener } = this.#parts;
    const { node, attempt } = call;
    let state: NodeState;
    try {
      const outcome = await executor.submit(plainCall(calls, stepAgain(call.step(), attempt), attempt));
      if (outcome.kind === "failed" && !this.#stopped && this.#submitAgain(call, outcome.error)) return;
      state = outcomeState(outcome, attempt + 1);
    } catch (thrown) {
      const error = toError(thrown);
      state = failedNode(unexpectedMessage(error), error, attempt + 1);
    }
    if (!this.#stopped) listener.plainEnded(node.id, state);
  }

  /** False when the call is not made again. */
  #submitAgain(call: PlainCall, error: Error): boolean {
    const { listener, world } = this.#parts;
    const { node } = call;
    const attempt = call.attempt + 1;
    const dueMs = nextAttemptMs(node, attempt, error, world);
    if (dueMs === undefined) return false;
    listener.plainChanged(node.id, retryingNode(attempt, node.retry?.maxRetries ?? 0));
    this.#due.add(dueMs, () => {
      listener.plainChanged(node.id, runningNode);
      this.#addPlain({ ...call, attempt });
    });
    return true;
  }

  #mapReady(run: MappedRun): void {
    const chain = this.#chainOf(run);
    for (const range of run.ready.take()) void this.#map(chain, range);
  }

  #chainOf(run: MappedRun): Chain {
    const { calls, executor, find } = this.#parts;
    const known = this.#chains.get(run);
    if (known !== undefined) return known;
    const chain = chainOf(run, { calls, fuses: executor.fuses === true }, find);
    this.#chains.set(run, chain);
    return chain;
  }

  async #map(chain: Chain, range: IndexRange): Promise<void> {
    const [, ...fused] = chain.members;
    for (const member of fused) member.children.begin(range);
    const telling: Telling = { chain, flight: new InFlight(chain.members.length, range), held: [] };
    let error: Error;
    try {
      await this.#parts.executor.map(chain.batch(range), (settled) => {
        if (!this.#stopped) this.#settle(telling, settled);
      });
      error = unsettledError(chain, range);
    } catch (thrown) {
      error = toError(thrown);
    }
    if (!this.#stopped) this.#failRest(telling, error);
  }

  #settle(telling: Telling, settled: Settled): void {
    const { held } = telling;
    held.push(settled);
    for (let at = 0; at < held.length;) {
      const next = held[at];
      if (next === undefined || !isItsTurn(telling, next)) {
        at += 1;
        continue;
      }
      held.splice(at, 1);
      at = 0;
      this.#take(telling, next);
    }
  }

  #take({ chain, flight }: Telling, settled: Settled): void {
    const { step, range } = settled;
    const member = memberAt(chain, step);
    const skips = flight.note(settled);
    const again = new Map<string, { readonly dueMs: number; readonly attempt: number; readonly ranges: Ranges }>();
    const retries = (index: number, error: Error, attempt: number): boolean => {
      const dueMs = nextAttemptMs(member.node, attempt, error, this.#parts.world);
      if (dueMs === undefined) return false;
      const key = `${String(dueMs)} ${String(attempt)}`;
      const group = again.get(key) ?? { dueMs, attempt, ranges: new Ranges() };
      again.set(key, group);
      group.ranges.add(index, index + 1);
      flight.leave(step, index);
      for (const behind of chain.members.slice(step + 1)) behind.children.takeBack(index);
      return true;
    };
    const counts = member.children.settle(settled, member.node.retry === undefined ? { skips } : { skips, retries });
    for (const { dueMs, attempt, ranges } of again.values()) {
      const rest = this.#chainAgain(chain, step, attempt);
      this.#due.add(dueMs, () => {
        for (const part of ranges.take()) {
          member.children.beginAgain(part);
          void this.#map(rest, part); // as in `#flush`: it tells its end itself
        }
      });
    }
    this.#parts.listener.childrenEnded(member, [range], counts);
  }

  /** What the calls of one attempt have in common is made once, not for each call. */
  #chainAgain(chain: Chain, step: number, attempt: number): Chain {
    const member = memberAt(chain, step);
    const known = this.#chainsAgain.get(member) ?? new Map<number, Chain>();
    this.#chainsAgain.set(member, known);
    const made = known.get(attempt) ?? chainAgain(chain, step, attempt, this.#parts.calls);
    known.set(attempt, made);
    return made;
  }

  #failRest({ chain, flight }: Telling, error: Error): void {
    for (const [step, member] of chain.members.entries()) {
      const failed = member.children.failRunning(flight.range, error, (index) => flight.isOpen(step, index));
      if (failed > 0) this.#parts.listener.childrenEnded(member, [flight.range], { successful: 0, failed });
    }
  }
}

/** The store keeps the results of attempts apart by the slug. */
function stepAgain(step: Step, attempt: number): Step {
  return attempt === 0 ? step : { ...step, slug: `${step.slug}~${String(attempt)}` };
}

function outcomeState(outcome: Outcome, attempts: number): NodeState {
  return outcome.kind === "success"
    ? succeededNode(outcome.value, attempts)
    : failedNode(failedMessage(outcome.error), outcome.error, attempts);
}

/** Whether all that the earlier step has to tell of these calls has been told. */
function isItsTurn({ chain, flight }: Telling, { step, range }: Settled): boolean {
  if (step === 0) return true;
  const { children } = memberAt(chain, step - 1);
  for (let index = range.start; index < range.end; index += 1) {
    if (flight.isOpen(step - 1, index) && !hasEnded(children.codeAt(index))) return false;
  }
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
