/** Turns a step's inputs into what travels: small values within the message, large ones once into the store. */
import { createHash } from "node:crypto";
import { CloudburstError, toError, unreachable } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import type { WireColumn, WireInput, WirePart } from "../wire/inputs.ts";
import { inputKey } from "../wire/keys.ts";
import { unsendableMark, writePack } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import type { Column, IndexRange, Input, RemoteSlice, RemoteValue, ResultColumn, Step } from "./executor.ts";
import { type KnownPack, notRunPositions, PackSlice, PackValue, partOf } from "./pack-results.ts";

/** A value or list of values above this goes into an object of its own, once for the whole run. */
const inlineBytes = 16 * 1024;

export interface InputWriter {
  /**
   * The inputs of `step` for the calls of `range` (null: a plain call). `stepColumn` tells what stands for the results
   * of an earlier step of the batch.
   */
  write(step: Step, range: IndexRange | null, stepColumn: (step: number) => WireColumn): Promise<WireInput[]>;
}

interface Place {
  readonly what: string;
  readonly range: IndexRange | null;
  readonly stepColumn: (step: number) => WireColumn;
}

export function createInputWriter(store: Store, runId: string): InputWriter {
  /** What was stored for a value or a list of values: each is encoded and stored once, however many chunks use it. */
  const values = new WeakMap<object, Promise<WireInput>>();
  const columns = new WeakMap<object, Promise<KnownPack>>();

  const put = async (body: Uint8Array): Promise<string> => {
    const key = inputKey(runId, createHash("sha256").update(body).digest("hex"));
    await store.putOnce(key, body);
    return key;
  };

  const encodedValue = async (value: unknown, what: string): Promise<WireInput> => {
    const line = encodeValue(value, what);
    return line.length <= inlineBytes ? { kind: "value", line } : { kind: "object", key: await put(Buffer.from(line)) };
  };

  const valueInput = async (value: unknown, what: string): Promise<WireInput> => {
    if (typeof value !== "object" || value === null) return await encodedValue(value, what);
    return await memoized(values, value, () => encodedValue(value, what));
  };

  const columnPack = async (elements: readonly unknown[], what: string): Promise<KnownPack> => {
    const lines = elements.map((element, at) => elementLine(element, `element ${String(at)} of ${what}`));
    const { body, index } = writePack({ lines, shape: "array" });
    const small = index.bytes <= inlineBytes;
    return {
      key: small ? "" : await put(body),
      index,
      lines: small ? lines : undefined,
      lengths: undefined,
      failures: undefined,
    };
  };

  const resultParts = (results: ResultColumn, range: IndexRange, what: string): WirePart[] => {
    const parts: WirePart[] = [];
    let next = range.start;
    const substituteUpTo = (end: number): void => {
      if (next >= end) return;
      const lines: string[] = [];
      for (; next < end; next += 1)
        lines.push(encodeValue(results.substitute(next)?.value, `element ${String(next)} of ${what}`));
      parts.push({ lines });
    };
    for (const slice of results.slices(range)) {
      const start = Math.max(slice.range.start, range.start);
      const end = Math.min(slice.range.end, range.end);
      substituteUpTo(start);
      parts.push(...sliceParts(slice.values, slice.range.start, { start, end }, results, what));
      next = end;
    }
    substituteUpTo(range.end);
    return parts;
  };

  const columnParts = async (column: Column, range: IndexRange, what: string): Promise<WirePart[]> => {
    switch (column.kind) {
      case "values": {
        const pack = await memoized(columns, column.values, () => columnPack(column.values, what));
        const part =
          pack.lines === undefined
            ? partOf(pack, range.start, range.end)
            : { lines: pack.lines.slice(range.start, range.end) };
        return [part];
      }
      case "elements":
        return [partOf(ownValue(column.of).pack, range.start, range.end)];
      case "results":
        return resultParts(column.results, range, what);
      default:
        throw new CloudburstError("bad_input", `a column of kind ${column.kind} has no parts`);
    }
  };

  const columnInput = async (column: Column, range: IndexRange, place: Place): Promise<WireColumn> => {
    switch (column.kind) {
      case "values":
      case "elements":
      case "results":
        return { kind: "items", parts: await columnParts(column, range, place.what) };
      case "inputs": {
        const items = column.items.slice(range.start, range.end);
        return { kind: "inputs", items: await Promise.all(items.map((item) => input(item, place))) };
      }
      case "flatten": {
        const covering = coverOf(column.lengths, range);
        const of = await columnInput(column.of, covering.items, place);
        return { kind: "flatten", of, skip: covering.skip, take: range.end - range.start };
      }
      case "step":
        return place.stepColumn(column.step);
      default:
        return unreachable(column);
    }
  };

  const input = async (from: Input, place: Place): Promise<WireInput> => {
    switch (from.kind) {
      case "value":
        return await valueInput(from.value, place.what);
      case "remote": {
        const { pack } = ownValue(from.value);
        const whole = partOf(pack, 0, pack.index.count);
        return pack.index.shape === "array" ? { kind: "items", parts: [whole] } : { kind: "item", part: whole };
      }
      case "results":
        return { kind: "items", parts: resultParts(from.results, { start: 0, end: from.results.width }, place.what) };
      case "list":
        return { kind: "list", items: await Promise.all(from.items.map((item) => input(item, place))) };
      case "record":
        return {
          kind: "record",
          entries: await Promise.all(
            from.entries.map(async ([key, of]): Promise<[string, WireInput]> => [key, await input(of, place)]),
          ),
        };
      case "flatten":
        return { kind: "flatten", of: await input(from.of, place) };
      case "each":
        if (place.range === null)
          throw new CloudburstError("bad_input", `a plain call of ${place.what} has a mapped input`);
        return { kind: "each", column: await columnInput(from.column, place.range, place) };
      default:
        return unreachable(from);
    }
  };

  return {
    write: async (step, range, stepColumn) =>
      await Promise.all(
        step.inputs.map((from, at) =>
          input(from, { what: `argument ${String(at)} of task ${step.task.name}`, range, stepColumn }),
        ),
      ),
  };
}

/** An element that cannot travel fails only the call that needs it (I8). */
function elementLine(element: unknown, what: string): string {
  try {
    return encodeValue(element, what);
  } catch (error) {
    return `${unsendableMark}${encodeValue(toError(error), what)}`;
  }
}

/** The parts of one settled slice; a failed call stands for itself in a pack, as its error. */
function sliceParts(
  values: readonly unknown[] | RemoteSlice,
  sliceStart: number,
  range: IndexRange,
  results: ResultColumn,
  what: string,
): WirePart[] {
  const substitute = (index: number): string =>
    encodeValue(results.substitute(index)?.value, `element ${String(index)} of ${what}`);
  if (values instanceof PackSlice) return packParts(values.pack, sliceStart, range, substitute);
  if (!Array.isArray(values)) throw foreign();
  const own: readonly unknown[] = values;
  const lines: string[] = [];
  for (let at = range.start; at < range.end; at += 1) {
    const stands = results.substitute(at) !== undefined;
    lines.push(stands ? substitute(at) : encodeValue(own[at - sliceStart], `element ${String(at)} of ${what}`));
  }
  return [{ lines }];
}

/** The pack itself, but for the calls that did not run: only the engine knows what stands for those. */
function packParts(
  pack: KnownPack,
  sliceStart: number,
  range: IndexRange,
  substitute: (index: number) => string,
): WirePart[] {
  const parts: WirePart[] = [];
  let next = range.start;
  const packUpTo = (end: number): void => {
    if (next < end) parts.push(partOf(pack, next - sliceStart, end - sliceStart));
  };
  for (const position of notRunPositions(pack)) {
    const index = sliceStart + position;
    if (index < range.start || index >= range.end) continue;
    packUpTo(index);
    parts.push({ lines: [substitute(index)] });
    next = index + 1;
  }
  packUpTo(range.end);
  return parts;
}

/** Which lists the flattened elements of `range` come from, and how many elements of the first are passed over. */
export function coverOf(
  lengths: readonly number[],
  range: IndexRange,
): { readonly items: IndexRange; readonly skip: number } {
  let before = 0;
  let start = 0;
  while (start < lengths.length && before + widthOf(lengths[start]) <= range.start) before += widthOf(lengths[start++]);
  let end = start;
  let covered = before;
  while (end < lengths.length && covered < range.end) covered += widthOf(lengths[end++]);
  return { items: { start, end }, skip: range.start - before };
}

/** What is no list counts as one element. */
const widthOf = (length: number | undefined): number => (length === undefined || length < 0 ? 1 : length);

function ownValue(value: RemoteValue): PackValue {
  if (value instanceof PackValue) return value;
  throw foreign();
}

function foreign(): CloudburstError {
  return new CloudburstError("foreign_result", "a result of another executor cannot be an input of this one");
}

async function memoized<T>(cache: WeakMap<object, Promise<T>>, key: object, make: () => Promise<T>): Promise<T> {
  let made = cache.get(key);
  if (made === undefined) {
    made = make();
    cache.set(key, made);
  }
  return await made;
}
