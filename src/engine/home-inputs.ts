/** Brings what calls take home, whatever else becomes of it: for looks at arguments before a call is handed over. */
import {
  type Column,
  type Executor,
  type IndexRange,
  type Input,
  RemoteSlice,
  type ResultColumn,
} from "../executors/executor.ts";
import { elementsOf, Unmappable } from "./elements.ts";
import { flattenValue } from "./home-values.ts";

/** Gives the arguments of each call in `range`; of others nothing is known. */
export async function homeArguments(
  inputs: readonly Input[],
  range: IndexRange,
  executor: Executor,
): Promise<(index: number) => readonly unknown[]> {
  const readers = await Promise.all(inputs.map((input) => readerOf(input, range, executor)));
  return (index) => readers.map((read) => read(index));
}

type Reader = (index: number) => unknown;

async function readerOf(input: Input, range: IndexRange, executor: Executor): Promise<Reader> {
  switch (input.kind) {
    case "value":
      return () => input.value;
    case "remote": {
      const [value] = await executor.wait([input.value]);
      return () => value;
    }
    case "results": {
      const list = await resultsIn(input.results, { start: 0, end: input.results.width }, executor);
      return () => list;
    }
    case "list": {
      const items = await Promise.all(input.items.map((item) => readerOf(item, range, executor)));
      return (index) => items.map((read) => read(index));
    }
    case "record": {
      const entries = await Promise.all(
        input.entries.map(async ([key, entry]) => [key, await readerOf(entry, range, executor)] as const),
      );
      return (index) => Object.fromEntries(entries.map(([key, read]) => [key, read(index)]));
    }
    case "flatten": {
      const read = await readerOf(input.of, range, executor);
      return (index) => flattenValue(read(index));
    }
    case "each":
      return await columnReader(input.column, range, executor);
  }
}

async function columnReader(column: Column, range: IndexRange, executor: Executor): Promise<Reader> {
  switch (column.kind) {
    case "values":
      return (index) => column.values[index];
    case "elements": {
      const [value] = await executor.wait([column.of]);
      const elements = elementsOf(value);
      return (index) => (elements instanceof Unmappable ? undefined : elements[index]);
    }
    case "results": {
      const list = await resultsIn(column.results, range, executor);
      return (index) => list[index - range.start];
    }
    case "inputs": {
      const readers = await Promise.all(
        column.items.slice(range.start, range.end).map((item) => readerOf(item, range, executor)),
      );
      return (index) => readers[index - range.start]?.(index);
    }
    case "flatten": {
      const { lengths } = column;
      const read = await columnReader(column.of, { start: 0, end: lengths.length }, executor);
      const flat = lengths.flatMap((length, at) => (length < 0 ? [read(at)] : (read(at) as readonly unknown[])));
      return (index) => flat[index];
    }
    case "step":
      throw new TypeError("a call that is looked at is not run behind another");
  }
}

/** What stands for the calls in `range`; results elsewhere are fetched, and stay where they are. */
async function resultsIn(results: ResultColumn, range: IndexRange, executor: Executor): Promise<readonly unknown[]> {
  const list: unknown[] = new Array<unknown>(range.end - range.start).fill(undefined);
  const slices = results.slices(range);
  const home = await executor.wait(slices.map(({ values }) => values));
  for (const [at, { range: part, values }] of slices.entries()) {
    const brought = home[at] as readonly unknown[];
    const first = values instanceof RemoteSlice ? values.range.start : part.start;
    const end = Math.min(part.end, range.end);
    for (let index = Math.max(part.start, range.start); index < end; index += 1) {
      list[index - range.start] = brought[index - first];
    }
  }
  for (let index = range.start; index < range.end; index += 1) {
    const substitute = results.substitute(index);
    if (substitute !== undefined) list[index - range.start] = substitute.value;
  }
  return list;
}
