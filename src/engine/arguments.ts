/** Turns a step's inputs into functions from call index to argument, for calls that run in this process. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { Column, Input, ResultColumn } from "../executors/executor.ts";
import { ChildStates } from "./child-states.ts";
import { flattenValue } from "./home-values.ts";

export type ArgumentReader = (index: number) => unknown;

/** All arguments of call `index`. What is the same for all calls is made once, when the first call asks for it. */
export function argumentsReader(inputs: readonly Input[]): (index: number) => readonly unknown[] {
  const readers = inputs.map(argumentReader);
  const [first, second] = readers;
  if (first === undefined) return () => [];
  if (readers.length === 1) return (index) => [first(index)];
  if (readers.length === 2 && second !== undefined) return (index) => [first(index), second(index)];
  return (index) => readers.map((read) => read(index));
}

function argumentReader(input: Input): ArgumentReader {
  if (input.kind === "each") return columnReader(input.column);
  return hasEach(input) ? partsReader(input) : constantReader(input);
}

function hasEach(input: Input): boolean {
  switch (input.kind) {
    case "list":
      return input.items.some(hasEach);
    case "record":
      return input.entries.some(([, entry]) => hasEach(entry));
    default:
      return input.kind === "each";
  }
}

/** A list or record of which some part differs from call to call. */
function partsReader(input: Input): ArgumentReader {
  if (input.kind === "list") {
    const items = input.items.map(argumentReader);
    return (index) => items.map((read) => read(index));
  }
  if (input.kind !== "record") return argumentReader(input);
  const entries = input.entries.map(([key, entry]) => [key, argumentReader(entry)] as const);
  return (index) => Object.fromEntries(entries.map(([key, read]) => [key, read(index)]));
}

function constantReader(input: Input): ArgumentReader {
  let made: { readonly value: unknown } | undefined;
  return () => (made ??= { value: constantValue(input) }).value;
}

function constantValue(input: Input): unknown {
  switch (input.kind) {
    case "value":
      return input.value;
    case "results":
      return listOf(childrenOf(input.results));
    case "list":
      return input.items.map(constantValue);
    case "record":
      return Object.fromEntries(input.entries.map(([key, entry]) => [key, constantValue(entry)]));
    case "flatten":
      return flattenValue(constantValue(input.of));
    case "remote": {
      const found = input.value.peek();
      if (found === undefined) throw notAtHand();
      return found.value;
    }
    case "each":
      throw notAtHand();
    default:
      return unreachable(input);
  }
}

/** Whether an input that is the same for all calls can be had without asking anybody. */
export function isAtHand(input: Input): boolean {
  switch (input.kind) {
    case "value":
      return true;
    case "remote":
      return input.value.peek() !== undefined;
    case "results":
      return input.results instanceof ChildStates && input.results.peekHome();
    case "list":
      return input.items.every(isAtHand);
    case "record":
      return input.entries.every(([, entry]) => isAtHand(entry));
    case "flatten":
      return isAtHand(input.of);
    case "each":
      return false;
    default:
      return unreachable(input);
  }
}

function columnReader(column: Column): ArgumentReader {
  switch (column.kind) {
    case "values":
      return (index) => column.values[index];
    case "results": {
      const children = childrenOf(column.results);
      return (index) => {
        if (children.isRemoteAt(index)) throw notAtHand();
        return children.valueAt(index);
      };
    }
    case "inputs": {
      const items = column.items.map(constantReader);
      return (index) => items[index]?.(index);
    }
    case "elements":
    case "flatten":
    case "step":
      return () => {
        throw notAtHand();
      };
    default:
      return unreachable(column);
  }
}

function childrenOf(results: ResultColumn): ChildStates {
  if (results instanceof ChildStates) return results;
  throw notAtHand();
}

function listOf(children: ChildStates): unknown[] {
  if (children.hasRemote) throw notAtHand();
  return children.toList();
}

function notAtHand(): CloudburstError {
  return new CloudburstError(
    "not_at_hand",
    "an argument is kept elsewhere by the executor: a call can run in this process only when its values are at hand",
  );
}
