/** Turns a step's inputs into a function from call position to argument. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import { failedMark, notRunMark, splitLines, unsendableMark } from "../wire/pack.ts";
import { interleaved, picked } from "../wire/picks.ts";
import { decodeLines, decodeValue, undefinedLine } from "../wire/values.ts";
import type { SlotColumn, SlotInput, SlotItems, SlotLines } from "./slot-protocol.ts";

export type Argument = (position: number) => unknown;

export interface ArgumentSources {
  /** Values that this slot keeps, since many chunks use them. */
  readonly kept: Map<string, unknown>;
  /** Results of the chunk's earlier steps by position. */
  readonly earlier: readonly (readonly unknown[])[];
}

export function argumentOf(input: SlotInput, sources: ArgumentSources): Argument {
  if (!differsFromCallToCall(input)) {
    const value = valueOf(input, sources);
    return () => value;
  }
  switch (input.kind) {
    case "each": {
      const column = columnOf(input.column, sources);
      return column.some((element) => element instanceof Unsendable)
        ? (position) => sendable(column[position])
        : (position) => column[position];
    }
    case "list": {
      const items = input.items.map((item) => argumentOf(item, sources));
      return (position) => items.map((item) => item(position));
    }
    case "record": {
      const entries = input.entries.map(([key, of]) => [key, argumentOf(of, sources)] as const);
      return (position) => Object.fromEntries(entries.map(([key, of]) => [key, of(position)]));
    }
    case "flatten": {
      const of = argumentOf(input.of, sources);
      return (position) => flattened(of(position));
    }
    default:
      throw new CloudburstError("bad_message", `an input of kind ${input.kind} cannot be mapped`);
  }
}

function differsFromCallToCall(input: SlotInput): boolean {
  switch (input.kind) {
    case "each":
      return true;
    case "list":
      return input.items.some(differsFromCallToCall);
    case "record":
      return input.entries.some(([, of]) => differsFromCallToCall(of));
    case "flatten":
      return differsFromCallToCall(input.of);
    default:
      return false;
  }
}

function valueOf(input: SlotInput, sources: ArgumentSources): unknown {
  switch (input.kind) {
    case "value":
      return decodeValue(input.line);
    case "kept":
      return keptValue(input.key, input.of, sources);
    case "encoded":
      return decodeValue(Buffer.from(input.bytes).toString("utf8"));
    case "item":
      return itemsOf({ parts: [input.part] })[0];
    case "items":
      return itemsOf(input);
    case "list":
      return input.items.map((item) => valueOf(item, sources));
    case "record":
      return Object.fromEntries(input.entries.map(([key, of]) => [key, valueOf(of, sources)]));
    case "flatten":
      return flattened(valueOf(input.of, sources));
    case "each":
      throw new CloudburstError("bad_message", "a mapped input stands inside a plain one");
    default:
      return unreachable(input);
  }
}

function columnOf(column: SlotColumn, sources: ArgumentSources): readonly unknown[] {
  switch (column.kind) {
    case "items":
      return itemsOf(column);
    case "inputs":
      return column.items.map((item) => valueOf(item, sources));
    case "flatten": {
      const all = columnOf(column.of, sources).flatMap((item) => (Array.isArray(item) ? (item as unknown[]) : [item]));
      return picked(all, column.picks);
    }
    case "step":
      return sources.earlier[column.step] ?? [];
    default:
      return unreachable(column);
  }
}

function itemsOf({ parts, order }: SlotItems): unknown[] {
  return decodeItems(interleaved(parts.map(linesOf), order));
}

function linesOf(part: SlotLines): readonly string[] {
  return "lines" in part ? part.lines : picked(splitLines(part.bytes), part.picks);
}

/** A failed call stands in a list as its error, one that did not run as undefined. */
export function decodeItems(lines: readonly string[]): unknown[] {
  const values = decodeLines(
    lines.map((line) => (marked(line) ? line.slice(1) : line === notRunMark ? undefinedLine : line)),
  );
  for (const [position, line] of lines.entries()) {
    if (line.startsWith(unsendableMark)) values[position] = new Unsendable(values[position]);
  }
  return values;
}

const marked = (line: string): boolean => line.startsWith(failedMark) || line.startsWith(unsendableMark);

/** Stands for an element that the driver could not encode. */
class Unsendable {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

function sendable(element: unknown): unknown {
  if (element instanceof Unsendable) throw element.error;
  return element;
}

function keptValue(key: string, of: SlotInput | undefined, sources: ArgumentSources): unknown {
  if (of !== undefined) sources.kept.set(key, valueOf(of, sources));
  if (!sources.kept.has(key)) throw new CloudburstError("bad_message", `the input ${key} did not reach the slot`);
  return sources.kept.get(key);
}

function flattened(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[]).flat(1) : value;
}
