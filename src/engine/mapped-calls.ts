/**
 * The lives of mapped tasks' calls: ranges are handed to the executor, alone or as fused chains, and what it tells
 * becomes the states of children.
 *
 * - D3 What a later step of a fused call tells is taken after the earlier step has been told, in whatever order it comes.
 * - D5 A call that failed and is to be made again waits here, outside of the executor, until it is due; then it alone is
 *   handed over once more. What the executor itself threw is never a reason to make a call again.
 */
import { CloudburstError, toError } from "../base/errors.ts";
import type { IndexRange, Settled } from "../executors/executor.ts";
import { AgainGroups, firstMaking, keyOfMaking, type Making } from "./again-groups.ts";
import { afterRetryCheck, attemptEnd } from "./attempt-end.ts";
import { hasEnded } from "./call-code.ts";
import { breaking, isEnding, type Ending, type Waiting } from "./call-state.ts";
import { askAbout, type CallsWorld } from "./calls-world.ts";
import { type Chain, chainAgain, chainOf } from "./fusion.ts";
import { HandledCalls } from "./handled-calls.ts";
import { InFlight } from "./in-flight.ts";
import type { MappedRun, Undone } from "./mapped-run.ts";
import { isWatched } from "./tell-handlers.ts";

/** Calls of one chain under way, and what is held back of what was told of them. */
interface Telling {
  readonly chain: Chain;
  readonly flight: InFlight;
  readonly held: Settled[];
}

export class MappedCalls {
  readonly #world: CallsWorld;
  readonly #find: (id: number) => MappedRun | undefined;
  readonly #addMapped: (run: MappedRun) => void;
  readonly #handled: HandledCalls;
  readonly #chains = new Map<MappedRun, Chain>();
  /** For calls that are made again: by their task, then by which making it is. */
  readonly #chainsAgain = new Map<MappedRun, Map<string, Chain>>();

  constructor(world: CallsWorld, find: (id: number) => MappedRun | undefined, addMapped: (run: MappedRun) => void) {
    this.#world = world;
    this.#find = find;
    this.#addMapped = addMapped;
    this.#handled = new HandledCalls(world, {
      map: (run, range, making) => {
        const chain = this.#chainOf(run);
        this.#map(making.begun === 0 ? chain : this.#chainAgain(chain, 0, making), range);
      },
      pause: (run, { index, state }) => {
        this.#ask(this.#chainOf(run), 0, index, state.message);
      },
    });
  }

  /** Hands over what is ready of `run`. */
  run(run: MappedRun): void {
    const undone = run.undone;
    run.undone = [];
    if (isWatched(run.node)) {
      this.#handled.enter(run, run.ready.take(), undone);
      return;
    }
    for (const { index, state } of undone) this.#ask(this.#chainOf(run), 0, index, state.message);
    if (run.ready.isEmpty) return;
    const chain = this.#chainOf(run);
    for (const range of run.ready.take()) this.#map(chain, range);
  }

  #chainOf(run: MappedRun): Chain {
    const { calls, executor } = this.#world;
    const known = this.#chains.get(run);
    if (known !== undefined) return known;
    const chain = chainOf(run, { calls, fuses: executor.fuses === true }, this.#find);
    this.#chains.set(run, chain);
    return chain;
  }

  #map(chain: Chain, range: IndexRange): void {
    const { executor, activity } = this.#world;
    const [, ...fused] = chain.members;
    for (const member of fused) member.children.begin(range);
    const telling: Telling = { chain, flight: new InFlight(chain.members.length, range), held: [] };
    activity.begin(async () => {
      let error: Error;
      try {
        await executor.map(chain.batch(range), (settled) => {
          if (!activity.isStopped) this.#settle(telling, settled);
        });
        error = unsettledError(chain, range);
      } catch (thrown) {
        error = toError(thrown);
      }
      if (!activity.isStopped) this.#endRest(telling, breaking(error));
    });
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
    if (isWatched(member.node)) {
      this.#handled.settle(member, settled, skips);
      return;
    }
    const again = new AgainGroups();
    const paused: Undone[] = [];
    const judge = (index: number, error: Error, begun: number): Ending | Waiting => {
      const pauses = member.children.pausesAt(index);
      const asked = { node: member.node, attempt: begun - pauses, world: this.#world };
      const state = afterRetryCheck(attemptEnd({ kind: "failed", error }, asked), asked);
      if (isEnding(state) && state.kind !== "Success") return state;
      // What is behind in this batch does not count for the call any more.
      flight.leave(step, index);
      for (const behind of chain.members.slice(step + 1)) behind.children.takeBack(index);
      if (state.kind === "Retrying") again.add(index, { begun, pauses }, state);
      if (state.kind === "Paused") paused.push({ index, state });
      if (state.kind === "Success") again.add(index, firstMaking, { message: "", dueMs: this.#world.clock.now() });
      return state;
    };
    const counts = member.children.settle(settled, { skips, judge });
    this.#waitFor(again, chain, step);
    for (const { index, state } of paused) this.#ask(chain, step, index, state.message);
    this.#world.listener.childrenEnded(member, [range], counts);
  }

  #waitFor(groups: AgainGroups, chain: Chain, step: number): void {
    const { node } = memberAt(chain, step);
    for (const { making, dueMs, message, ranges, calls } of groups.all()) {
      // A signal of success came as a failure: the executor has not run what is behind.
      const at = making.begun === 0 ? step + 1 : step;
      if (at === chain.members.length) continue;
      const rest = this.#chainAgain(chain, at, making);
      if (making.begun > 0)
        this.#world.emit({ type: "calls-retrying", slug: node.slug, calls, message, at: new Date(dueMs) });
      this.#world.due.add(dueMs, () => {
        for (const part of ranges.take()) this.#begin(rest, part);
      });
    }
  }

  #begin(chain: Chain, range: IndexRange): void {
    const [{ children }] = chain.members;
    if (chain.making.begun === 0) children.begin(range);
    else children.beginAgain(range);
    this.#map(chain, range);
  }

  #ask(chain: Chain, step: number, index: number, message: string): void {
    const run = memberAt(chain, step);
    const { children, node } = run;
    const begun = children.attemptsAt(index);
    const one = { start: index, end: index + 1 };
    const resume = (): void => {
      if (begun > 0) children.noteResumed(index);
      const making = { begun, pauses: children.pausesAt(index) };
      if (isWatched(node)) this.#handled.again(run, [one], making);
      else if (begun > 0) this.#begin(this.#chainAgain(chain, step, making), one);
      else {
        children.beginPaused(index);
        run.ready.add(index, index + 1);
        this.#addMapped(run);
      }
    };
    const fail = (error: Error): void => {
      children.put(index, breaking(error), begun);
      this.#world.listener.childrenEnded(run, [one], { successful: 0, failed: 1 });
    };
    askAbout({ node, index, message, resume, fail }, this.#world);
  }

  /** What the calls of one attempt have in common is made once, not for each call. */
  #chainAgain(chain: Chain, step: number, making: Making): Chain {
    const member = memberAt(chain, step);
    const known = this.#chainsAgain.get(member) ?? new Map<string, Chain>();
    this.#chainsAgain.set(member, known);
    const key = keyOfMaking(making);
    const made = known.get(key) ?? chainAgain(chain, step, making, this.#world.calls);
    known.set(key, made);
    return made;
  }

  #endRest({ chain, flight }: Telling, ending: Ending): void {
    for (const [step, member] of chain.members.entries()) {
      const isOpen = (index: number): boolean => flight.isOpen(step, index);
      if (isWatched(member.node)) {
        this.#handled.endRunning(member, flight.range, ending, isOpen);
        continue;
      }
      const failed = member.children.endRunning(flight.range, ending, isOpen);
      if (failed > 0) this.#world.listener.childrenEnded(member, [flight.range], { successful: 0, failed });
    }
  }
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
