/** Turns a step's inputs into what travels: small values within the message, references for the rest. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { WireColumn, WireInput } from "../wire/inputs.ts";
import { coverOf, resultParts } from "./column-parts.ts";
import type { Column, IndexRange, Input, RemoteValue, Step } from "./executor.ts";
import { PackValue, partOf } from "./pack-results.ts";
import type { StoredValues } from "./stored-values.ts";

/** Which calls the inputs are for, and what stands for the results of an earlier step of their batch. */
export interface InputPlace {
  /** Null: the one call of a plain task. */
  readonly range: IndexRange | null;
  readonly stepColumn: (step: number) => WireColumn;
}

/** @throws UnsendableValueError when a value that all calls share cannot travel */
export async function writeInputs(step: Step, place: InputPlace, stored: StoredValues): Promise<WireInput[]> {
  const writing = step.inputs.map((input, at) => {
    const writer = new InputWriter(`argument ${String(at)} of task ${step.task.name}`, place, stored);
    return writer.write(input);
  });
  return await Promise.all(writing);
}

class InputWriter {
  readonly #what: string;
  readonly #place: InputPlace;
  readonly #stored: StoredValues;

  constructor(what: string, place: InputPlace, stored: StoredValues) {
    this.#what = what;
    this.#place = place;
    this.#stored = stored;
  }

  async write(input: Input): Promise<WireInput> {
    switch (input.kind) {
      case "value":
        return await this.#stored.value(input.value, this.#what);
      case "remote":
        return remoteInput(input.value);
      case "results": {
        const everything = { start: 0, end: input.results.width };
        return { kind: "items", parts: resultParts(input.results, everything, this.#what) };
      }
      case "list":
        return { kind: "list", items: await this.#writeAll(input.items) };
      case "record": {
        const entries = input.entries.map(async ([key, of]): Promise<[string, WireInput]> => [
          key,
          await this.write(of),
        ]);
        return { kind: "record", entries: await Promise.all(entries) };
      }
      case "flatten":
        return { kind: "flatten", of: await this.write(input.of) };
      case "each": {
        const { range } = this.#place;
        if (range === null) throw new CloudburstError("bad_input", `${this.#what} is mapped in a plain call`);
        return { kind: "each", column: await this.#column(input.column, range) };
      }
      default:
        return unreachable(input);
    }
  }

  async #writeAll(inputs: readonly Input[]): Promise<WireInput[]> {
    return await Promise.all(inputs.map((input) => this.write(input)));
  }

  async #column(column: Column, range: IndexRange): Promise<WireColumn> {
    switch (column.kind) {
      case "values":
        return { kind: "items", parts: [await this.#stored.elements(column.values, range, this.#what)] };
      case "elements":
        return { kind: "items", parts: [partOf(ownValue(column.of).pack, range.start, range.end)] };
      case "results":
        return { kind: "items", parts: resultParts(column.results, range, this.#what) };
      case "inputs":
        return { kind: "inputs", items: await this.#writeAll(column.items.slice(range.start, range.end)) };
      case "flatten": {
        const { items, skip } = coverOf(column.lengths, range);
        return { kind: "flatten", of: await this.#column(column.of, items), skip, take: range.end - range.start };
      }
      case "step":
        return this.#place.stepColumn(column.step);
      default:
        return unreachable(column);
    }
  }
}

function remoteInput(value: RemoteValue): WireInput {
  const { pack } = ownValue(value);
  const whole = partOf(pack, 0, pack.index.count);
  return pack.index.shape === "array" ? { kind: "items", parts: [whole] } : { kind: "item", part: whole };
}

function ownValue(value: RemoteValue): PackValue {
  if (value instanceof PackValue) return value;
  throw new CloudburstError("foreign_result", "a result of another executor cannot be an input of this one");
}
