/** Fetches what a chunk's inputs refer to, so that the slot has everything at hand. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import type { WireColumn, WireInput, WirePart } from "../wire/inputs.ts";
import type { SlotColumn, SlotInput, SlotLines } from "./slot-protocol.ts";

export interface InputReader {
  /** `hasObject` tells whether the slot keeps the value of that stored object already. */
  read(input: WireInput, hasObject: (key: string) => boolean): Promise<SlotInput>;
}

/** Objects that hold constants are fetched once for all slots; at most this many bytes of them are kept. */
const maxCachedBytes = 128 * 1024 * 1024;

export function createInputReader(store: Store): InputReader {
  const cache = new Map<string, Promise<Uint8Array>>();
  let cachedBytes = 0;

  const fetched = async (key: string, range?: { start: number; end: number }): Promise<Uint8Array> => {
    if (range?.start === range?.end && range !== undefined) return new Uint8Array(0);
    const bytes = await store.get(key, range);
    if (bytes === undefined)
      throw new CloudburstError("input_missing", `the input ${key} is not in the bucket`, { data: { key } });
    return bytes;
  };

  const object = async (key: string): Promise<Uint8Array> => {
    const known = cache.get(key);
    if (known !== undefined) return await known;
    const reading = fetched(key);
    cache.set(key, reading);
    const bytes = await reading.catch((error: unknown) => {
      cache.delete(key);
      throw error;
    });
    cachedBytes += bytes.byteLength;
    if (cachedBytes > maxCachedBytes) {
      cache.clear();
      cachedBytes = 0;
    }
    return bytes;
  };

  const part = async (wire: WirePart): Promise<SlotLines> => {
    if ("lines" in wire) return { lines: wire.lines };
    return { bytes: await fetched(wire.key, { start: wire.from, end: wire.to }), skip: wire.skip, take: wire.take };
  };

  const column = async (wire: WireColumn): Promise<SlotColumn> => {
    switch (wire.kind) {
      case "items":
        return { kind: "items", parts: await Promise.all(wire.parts.map(part)) };
      case "inputs":
        return { kind: "inputs", items: await Promise.all(wire.items.map((item) => read(item, () => false))) };
      case "flatten":
        return { ...wire, of: await column(wire.of) };
      case "step":
        return wire;
      default:
        return unreachable(wire);
    }
  };

  const read = async (wire: WireInput, hasObject: (key: string) => boolean): Promise<SlotInput> => {
    switch (wire.kind) {
      case "value":
        return wire;
      case "object":
        return { kind: "object", key: wire.key, bytes: hasObject(wire.key) ? undefined : await object(wire.key) };
      case "item":
        return { kind: "item", part: await part(wire.part) };
      case "items":
        return { kind: "items", parts: await Promise.all(wire.parts.map(part)) };
      case "list":
        return { kind: "list", items: await Promise.all(wire.items.map((item) => read(item, hasObject))) };
      case "record":
        return {
          kind: "record",
          entries: await Promise.all(wire.entries.map(async ([key, of]) => [key, await read(of, hasObject)] as const)),
        };
      case "flatten":
        return { kind: "flatten", of: await read(wire.of, hasObject) };
      case "each":
        return { kind: "each", column: await column(wire.column) };
      default:
        return unreachable(wire);
    }
  };

  return { read };
}
