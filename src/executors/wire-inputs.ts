/** Turns a step's inputs into what travels: small values within the message, references for the rest. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { CallRanges } from "../wire/call-ranges.ts";
import type { WireColumn, WireInput, WireItems } from "../wire/inputs.ts";
import { coverOf, resultItems } from "./column-parts.ts";
import type { Column, Input, RemoteValue, Step } from "./executor.ts";
import { ItemsWriter } from "./items-writer.ts";
import { type KnownPack, PackValue, wholePart } from "./pack-results.ts";
import type { StoredValues } from "./stored-values.ts";

/** Which calls the inputs are for, and what stands for the results of an earlier step of their batch. */
export interface InputPlace {
  /** Null: the one call of a plain task. */
  readonly ranges: CallRanges | null;
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
        const everything = [{ start: 0, end: input.results.width }];
        return { kind: "items", ...resultItems(input.results, everything, this.#what) };
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
        const { ranges } = this.#place;
        if (ranges === null) throw new CloudburstError("bad_input", `${this.#what} is mapped in a plain call`);
        return { kind: "each", column: await this.#column(input.column, ranges) };
      }
      default:
        return unreachable(input);
    }
  }

  async #writeAll(inputs: readonly Input[]): Promise<WireInput[]> {
    return await Promise.all(inputs.map((input) => this.write(input)));
  }

  async #valueItems(values: readonly unknown[], ranges: CallRanges): Promise<WireItems> {
    const pack = await this.#stored.elements(values, this.#what);
    const { lines } = pack;
    if (lines === undefined) return packItems(pack, ranges);
    return { parts: [{ lines: ranges.flatMap(({ start, end }) => lines.slice(start, end)) }] };
  }

  async #column(column: Column, ranges: CallRanges): Promise<WireColumn> {
    switch (column.kind) {
      case "values":
        return { kind: "items", ...(await this.#valueItems(column.values, ranges)) };
      case "elements":
        return { kind: "items", ...packItems(ownValue(column.of).pack, ranges) };
      case "results":
        return { kind: "items", ...resultItems(column.results, ranges, this.#what) };
      case "inputs": {
        const items = ranges.flatMap(({ start, end }) => column.items.slice(start, end));
        return { kind: "inputs", items: await this.#writeAll(items) };
      }
      case "flatten": {
        const { items, picks } = coverOf(column.lengths, ranges);
        return { kind: "flatten", of: await this.#column(column.of, items), picks };
      }
      case "step":
        return this.#place.stepColumn(column.step);
      default:
        return unreachable(column);
    }
  }
}

function packItems(pack: KnownPack, ranges: CallRanges): WireItems {
  const writer = new ItemsWriter();
  for (const { start, end } of ranges) writer.addPack(pack, start, end);
  return writer.items();
}

function remoteInput(value: RemoteValue): WireInput {
  const { pack } = ownValue(value);
  const whole = wholePart(pack);
  return pack.index.shape === "array" ? { kind: "items", parts: [whole] } : { kind: "item", part: whole };
}

function ownValue(value: RemoteValue): PackValue {
  if (value instanceof PackValue) return value;
  throw new CloudburstError("foreign_result", "a result of another executor cannot be an input of this one");
}
