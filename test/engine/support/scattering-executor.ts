import { unreachable } from "../../../src/base/errors.ts";
import {
  type Call,
  type CallBatch,
  type Column,
  type Executor,
  type ExecutorRun,
  type Failure,
  type IndexRange,
  type Input,
  type Outcome,
  RemoteSlice,
  RemoteValue,
  type ResultColumn,
  type Settled,
} from "../../../src/executors/executor.ts";
import { toError } from "../../../src/base/errors.ts";

class KeptValue extends RemoteValue {
  readonly value: unknown;
  readonly length: number | undefined;
  readonly elementLengths: readonly number[] | undefined;
  readonly #peeks: boolean;

  constructor(value: unknown, tellsLengths: boolean, peeks: boolean) {
    super();
    this.#peeks = peeks;
    this.value = value;
    this.length = Array.isArray(value) ? value.length : undefined;
    this.elementLengths = Array.isArray(value) && tellsLengths ? value.map(lengthOf) : undefined;
  }

  override peek(): { readonly value: unknown } | undefined {
    return this.#peeks ? { value: this.value } : undefined;
  }
}

class KeptSlice extends RemoteSlice {
  readonly range: IndexRange;
  readonly values: readonly unknown[];
  readonly lengths: readonly number[] | undefined;
  readonly #peeks: boolean;

  constructor(range: IndexRange, values: readonly unknown[], tellsLengths: boolean, peeks: boolean) {
    super();
    this.#peeks = peeks;
    this.range = range;
    this.values = values;
    this.lengths = tellsLengths ? values.map(lengthOf) : undefined;
  }

  override peek(): readonly unknown[] | undefined {
    return this.#peeks ? this.values : undefined;
  }
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : -1);

export interface Scattering {
  readonly random: () => number;
  /** Keeps results away from the engine. */
  readonly keeps: boolean;
  readonly fuses: boolean;
  /** Lets the engine look at what it keeps. */
  readonly peeks?: boolean;
}

/** Runs calls in an order, in ranges, and with notices as chance has it, and keeps some results to itself. */
export class ScatteringExecutor implements Executor {
  readonly fuses: boolean;
  /** Number of steps of each batch, in the order in which they were handed over. */
  readonly batches: { readonly steps: readonly string[]; readonly range: IndexRange }[] = [];
  readonly #random: () => number;
  readonly #keeps: boolean;
  readonly #peeks: boolean;

  constructor({ random, keeps, fuses, peeks = false }: Scattering) {
    this.#peeks = peeks;
    this.#random = random;
    this.#keeps = keeps;
    this.fuses = fuses;
  }

  start(): Promise<ExecutorRun> {
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
  }

  async submit(call: Call): Promise<Outcome> {
    await this.#pause();
    const outcome = await invoke(call.step.task.run, () => call.step.inputs.map((input) => valueOf(input, 0, [])));
    await this.#pause();
    return outcome.kind === "success" && this.#chance()
      ? { kind: "success", value: this.#keep(outcome.value) }
      : outcome;
  }

  async map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void> {
    this.batches.push({ steps: batch.steps.map((step) => step.slug), range: batch.range });
    await Promise.all(this.#shuffled(this.#cut(batch.range)).map((range) => this.#runRange(batch, range, settle)));
  }

  wait(values: readonly unknown[]): Promise<readonly unknown[]> {
    return Promise.resolve(
      values.map((value) =>
        value instanceof KeptValue ? value.value : value instanceof KeptSlice ? value.values : value,
      ),
    );
  }

  async #runRange(batch: CallBatch, range: IndexRange, settle: (settled: Settled) => void): Promise<void> {
    const told: Settled[] = [];
    const earlier: (readonly Outcome[])[] = [];
    for (const [position, step] of batch.steps.entries()) {
      const outcomes: Outcome[] = [];
      for (let index = range.start; index < range.end; index += 1) {
        await this.#pause();
        const before = earlier.at(-1)?.[index - range.start];
        const at = index - range.start;
        const args = (): unknown[] =>
          step.inputs.map((input) =>
            valueOf(
              input,
              index,
              earlier.map((column) => column[at]),
            ),
          );
        outcomes.push(before !== undefined && before.kind !== "success" ? before : await invoke(step.task.run, args));
      }
      told.push(this.#settled(position, range, outcomes, earlier.at(-1)));
      earlier.push(outcomes);
    }
    for (const settled of this.#shuffled(told)) {
      await this.#pause();
      settle(settled);
    }
  }

  #settled(
    step: number,
    range: IndexRange,
    outcomes: readonly Outcome[],
    before: readonly Outcome[] | undefined,
  ): Settled {
    const values = outcomes.map((outcome) => (outcome.kind === "success" ? outcome.value : undefined));
    const failures = new Map<number, Failure>();
    for (const [at, outcome] of outcomes.entries()) {
      const ranBefore = before === undefined || before[at]?.kind === "success";
      if (outcome.kind === "failed" && ranBefore) failures.set(range.start + at, outcome);
    }
    return {
      step,
      range,
      values: this.#chance() ? new KeptSlice(range, values, this.#random() < 0.5, this.#peeks) : values,
      failures,
    };
  }

  #keep(value: unknown): unknown {
    return new KeptValue(value, this.#random() < 0.5, this.#peeks);
  }

  #chance(): boolean {
    return this.#keeps && this.#random() < 0.7;
  }

  #cut({ start, end }: IndexRange): IndexRange[] {
    if (end - start < 2 || this.#random() < 0.3) return [{ start, end }];
    const at = start + 1 + Math.floor(this.#random() * (end - start - 1));
    return [...this.#cut({ start, end: at }), ...this.#cut({ start: at, end })];
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.#random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }

  async #pause(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 4); turns > 0; turns -= 1) await Promise.resolve();
  }
}

async function invoke(run: (...args: never[]) => unknown, args: () => unknown[]): Promise<Outcome> {
  try {
    return { kind: "success", value: await (Reflect.apply(run, undefined, args()) as unknown) };
  } catch (thrown) {
    return { kind: "failed", error: toError(thrown) };
  }
}

function ownValue(value: RemoteValue): unknown {
  if (value instanceof KeptValue) return value.value;
  throw new Error("a value that another executor keeps");
}

type Earlier = readonly (Outcome | undefined)[];

function valueOf(input: Input, index: number, earlier: Earlier): unknown {
  switch (input.kind) {
    case "value":
      return input.value;
    case "remote":
      return ownValue(input.value);
    case "results":
      return resultsOf(input.results);
    case "list":
      return input.items.map((item) => valueOf(item, index, earlier));
    case "record":
      return Object.fromEntries(input.entries.map(([key, entry]) => [key, valueOf(entry, index, earlier)]));
    case "flatten": {
      const value = valueOf(input.of, index, earlier);
      return Array.isArray(value) ? (value as unknown[]).flat(1) : value;
    }
    case "each":
      return elementOf(input.column, index, earlier);
    default:
      return unreachable(input);
  }
}

function elementOf(column: Column, index: number, earlier: Earlier): unknown {
  switch (column.kind) {
    case "step": {
      const outcome = earlier[column.step];
      return outcome?.kind === "success" ? outcome.value : undefined;
    }
    case "flatten":
      return elementsOf(column.of).flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [list]))[index];
    default:
      return elementsOf(column)[index];
  }
}

function elementsOf(column: Column): readonly unknown[] {
  switch (column.kind) {
    case "values":
      return column.values;
    case "elements":
      return ownValue(column.of) as readonly unknown[];
    case "results":
      return resultsOf(column.results);
    case "inputs":
      return column.items.map((item) => valueOf(item, 0, []));
    case "flatten":
    case "step":
      throw new Error("a column without elements of its own");
    default:
      return unreachable(column);
  }
}

/** As the wire does it: slices where there are any, and what stands for calls that did not succeed. */
function resultsOf(results: ResultColumn): unknown[] {
  const list = new Array<unknown>(results.width).fill(undefined);
  for (const { range, values } of results.slices({ start: 0, end: results.width })) {
    const own = values instanceof KeptSlice ? values.values : (values as readonly unknown[]);
    const { start } = values instanceof KeptSlice ? values.range : range;
    for (let index = range.start; index < range.end; index += 1) list[index] = own[index - start];
  }
  return list.map((value, index) => {
    const substitute = results.substitute(index);
    return substitute === undefined ? value : substitute.value;
  });
}
