/**
 * The oracle: the best schedule of its family, found by search with perfect knowledge of the work and of when each
 * stage begins. A schedule is a fleet size for each phase of the trace. Workers are requested so that they arrive with
 * their phase and leave as soon as they are of no more use, within a second; launch rates, start-up times, the billed
 * minute, interruptions and droughts are as real for it as for everybody. It does not put calls in another order. For
 * open arrivals (a trickle) it may also begin late and do in one go what has come.
 */
import type { Capacity } from "../../../src/adaptive/capacity-choice.ts";
import { callsOf, type Trace } from "../../../src/simulate/trace.ts";
import { type Policy, World } from "../../../src/simulate/world.ts";
import type { Outcome } from "../../../src/simulate/outcome.ts";
import { idleWorkers } from "./plain-launcher.ts";

interface Schedule {
  /** Workers for each phase. */
  readonly sizes: readonly number[];
  readonly capacity: Capacity;
  /** Nothing is launched before. */
  readonly beginMs: number;
}

/** When each phase begins, as the last simulation has shown. */
type PhaseStarts = readonly number[];

const intervalMs = 1_000;

export function findOracle(trace: Trace, seed: number): Outcome {
  const search = new OracleSearch(trace, seed);
  return search.run();
}

class OracleSearch {
  readonly #trace: Trace;
  readonly #seed: number;
  readonly #phases: number;
  #best: { readonly schedule: Schedule; readonly outcome: Outcome; readonly starts: PhaseStarts } | undefined;

  constructor(trace: Trace, seed: number) {
    this.#trace = trace;
    this.#seed = seed;
    this.#phases = 1 + Math.max(...trace.batches.map(({ phase }) => phase));
  }

  run(): Outcome {
    const { capacity } = this.#trace.cloud;
    for (const choice of capacity === "spot" ? (["spot", "on-demand"] as const) : (["on-demand"] as const)) {
      for (const size of this.#grid()) this.#try({ sizes: this.#all(size), capacity: choice, beginMs: 0 });
    }
    for (const beginMs of this.#lateStarts()) {
      for (const size of this.#grid().filter((each) => each <= 50)) this.#vary({ sizes: this.#all(size), beginMs });
    }
    for (let pass = 0; pass < 2 && this.#phases > 1; pass += 1) this.#varyPhases();
    for (const factor of [0.8, 0.9, 0.95, 1.05, 1.1, 1.25]) this.#scale(factor);
    if (this.#best === undefined) throw new Error("the oracle has found no schedule");
    return this.#best.outcome;
  }

  #varyPhases(): void {
    for (let phase = 0; phase < this.#phases; phase += 1) {
      const sizes = this.#best?.schedule.sizes ?? [];
      for (const size of this.#grid()) this.#vary({ sizes: sizes.map((each, at) => (at === phase ? size : each)) });
    }
  }

  #scale(factor: number): void {
    const sizes = this.#best?.schedule.sizes ?? [];
    this.#vary({ sizes: sizes.map((size) => Math.max(1, Math.round(size * factor))) });
  }

  #vary(change: Partial<Schedule>): void {
    const schedule = this.#best?.schedule;
    if (schedule !== undefined) this.#try({ ...schedule, ...change });
  }

  #try(schedule: Schedule): void {
    let starts = this.#best?.starts ?? this.#all(0);
    // The first simulation shows when the phases begin; the second can have its workers there in time.
    for (let round = 0; round < (this.#phases > 1 ? 3 : 1); round += 1) {
      const outcome = new World(this.#trace, oraclePolicy(this.#trace, schedule, starts), this.#seed).run();
      starts = this.#phaseStarts(outcome);
      if (product(outcome) < (this.#best === undefined ? Infinity : product(this.#best.outcome))) {
        this.#best = { schedule, outcome, starts };
      }
    }
  }

  #phaseStarts({ releasedAt }: Outcome): PhaseStarts {
    return this.#all(0).map(
      (_, phase) => releasedAt[this.#trace.batches.findIndex((batch) => batch.phase === phase)] ?? Infinity,
    );
  }

  #all(value: number): readonly number[] {
    return Array.from({ length: this.#phases }, () => value);
  }

  #grid(): readonly number[] {
    const most = Math.min(this.#trace.cloud.quota, Math.max(...this.#trace.batches.map(callsOf), 10));
    const sizes = new Set<number>();
    for (let size = 1; size < most; size = Math.max(size + 1, size * 1.25)) sizes.add(Math.round(size));
    return [...sizes, most];
  }

  #lateStarts(): readonly number[] {
    const last = this.#trace.batches.at(-1)?.release;
    if (this.#phases > 1 || last === undefined || !("atMs" in last) || last.atMs === 0) return [];
    return Array.from({ length: 20 }, (_, step) => (last.atMs * step) / 20);
  }
}

function product({ usd, makespanMs }: Outcome): number {
  return usd * makespanMs;
}

function oraclePolicy(trace: Trace, schedule: Schedule, starts: PhaseStarts): Policy {
  const { startUpMs } = trace.cloud;
  return {
    name: "oracle",
    intervalMs,
    endsWithRun: true,
    tick: (world) => {
      if (world.now < schedule.beginMs) return;
      const wanted = wantedAt(world, schedule, starts, startUpMs);
      let missing = wanted - (world.alive.size - world.counts.leaving);
      while (missing > 0) {
        const { started } = world.launch(Math.min(10, missing), schedule.capacity);
        if (started === 0) break;
        missing -= started;
      }
      const surplus = world.alive.size - world.counts.leaving - wanted;
      for (const worker of idleWorkers(world).slice(0, Math.max(0, surplus))) world.drain(worker);
    },
  };
}

/** The phase's size while it has more to begin, no more than it still has calls for; the next one's when it is near. */
function wantedAt(world: World, { sizes }: Schedule, starts: PhaseStarts, startUpMs: number): number {
  let wanted = 0;
  sizes.forEach((size, phase) => {
    const own = world.trace.batches
      .map((batch, index) => ({ batch, index }))
      .filter(({ batch }) => batch.phase === phase);
    const open = own.filter(({ index }) => world.releasedAt(index) === undefined).length;
    const remaining = own.reduce((sum, { index }) => sum + world.remainingIn(index), 0);
    const begun = open < own.length;
    const near = world.now >= (starts[phase] ?? Infinity) - startUpMs;
    if (!begun && near) wanted = Math.max(wanted, size);
    if (begun) wanted = Math.max(wanted, open > 0 ? size : Math.min(size, remaining));
  });
  return wanted;
}
