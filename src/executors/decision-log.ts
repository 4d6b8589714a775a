/** Tells each decision that differs from the one before, and keeps count of what held the fleet back. */
import { addLimit, type Limit, limitLine, limitOfRound, type LimitsTally } from "../adaptive/limits-tally.ts";
import type { RoundInput, RoundResult } from "../adaptive/scale-round.ts";
import type { ExecutorEvent } from "./executor.ts";

export class DecisionLog {
  readonly #emit: (event: ExecutorEvent) => void;
  #tally: LimitsTally = new Map();
  #told = "";
  /** What has held since the last round, and since when. */
  #holding: { readonly limit: Limit; readonly since: number } | undefined;

  constructor(emit: (event: ExecutorEvent) => void) {
    this.#emit = emit;
  }

  get limitedBy(): string | undefined {
    return limitLine(this.#tally);
  }

  note(round: RoundResult, input: RoundInput, now: number): void {
    this.#count(round, input, now);
    const { target, reason } = round.decision;
    const what = `${target} ${reason.won}`;
    if (what === this.#told) return;
    this.#told = what;
    const { busy, idle, starting } = input.view.fleet;
    this.#emit({
      kind: "scaling-decided",
      at: now,
      target,
      workers: busy + idle,
      pending: starting,
      winner: reason.won,
      // A bound that does not bind at all has no number that could be written down.
      bounds: reason.bounds.flatMap(({ name, workers }) =>
        Number.isFinite(workers) ? [{ name, value: workers }] : [],
      ),
      sentence: reason.sentence,
    });
  }

  #count(round: RoundResult, { view, limits }: RoundInput, now: number): void {
    if (this.#holding !== undefined) {
      this.#tally = addLimit(this.#tally, this.#holding.limit, now - this.#holding.since);
    }
    const limit = limitOfRound(round, limits, now);
    this.#holding = view.work.remainingCalls > 0 ? { limit, since: now } : undefined;
  }
}
