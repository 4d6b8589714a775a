/** Fetches what a chunk's inputs refer to, so that the slot has everything at hand. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { ByteRange, Store } from "../store/store.ts";
import type { WireColumn, WireInput, WireItems, WirePart } from "../wire/inputs.ts";
import type { SlotColumn, SlotInput, SlotItems, SlotLines } from "./slot-protocol.ts";

/** What many chunks use is fetched once for all slots; at most this many bytes of it are kept. */
const maxCachedBytes = 128 * 1024 * 1024;

export class InputReader {
  readonly #store: Store;
  readonly #shared = new Map<string, Promise<Uint8Array>>();
  #cachedBytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async read(wire: WireInput): Promise<SlotInput> {
    const read = (input: WireInput): Promise<SlotInput> => this.read(input);
    switch (wire.kind) {
      case "value":
        return wire;
      case "object":
        return { kind: "kept", key: wire.key, of: { kind: "encoded", bytes: await this.#fetchShared(wire.key) } };
      case "item": {
        const of = { kind: "item", part: await this.#part(wire.part, "shared") } as const;
        return kept(of, { parts: [wire.part] });
      }
      case "items": {
        const of = { kind: "items", ...(await this.#items(wire, "shared")) } as const;
        return kept(of, wire);
      }
      case "list":
        return { kind: "list", items: await Promise.all(wire.items.map(read)) };
      case "record": {
        const entries = wire.entries.map(async ([key, of]) => [key, await read(of)] as const);
        return { kind: "record", entries: await Promise.all(entries) };
      }
      case "flatten":
        return { kind: "flatten", of: await read(wire.of) };
      case "each":
        return { kind: "each", column: await this.#column(wire.column) };
      default:
        return unreachable(wire);
    }
  }

  async #column(wire: WireColumn): Promise<SlotColumn> {
    switch (wire.kind) {
      case "items":
        return { kind: "items", ...(await this.#items(wire, "own")) };
      case "inputs":
        return { kind: "inputs", items: await Promise.all(wire.items.map((item) => this.read(item))) };
      case "flatten":
        return { ...wire, of: await this.#column(wire.of) };
      case "step":
        return wire;
      default:
        return unreachable(wire);
    }
  }

  async #items({ parts, order }: WireItems, use: Use): Promise<SlotItems> {
    return { parts: await Promise.all(parts.map((part) => this.#part(part, use))), order };
  }

  async #part(wire: WirePart, use: Use): Promise<SlotLines> {
    if ("lines" in wire) return wire;
    const { key, from, to, picks } = wire;
    if (from === to) return { lines: [] }; // S3 has no way to ask for no bytes
    const range = { start: from, end: to };
    const bytes = use === "shared" ? await this.#fetchShared(key, range) : await this.#fetch(key, range);
    return { bytes, picks };
  }

  async #fetchShared(key: string, range?: ByteRange): Promise<Uint8Array> {
    const name = range === undefined ? key : `${key} ${String(range.start)}-${String(range.end)}`;
    const known = this.#shared.get(name);
    if (known !== undefined) return await known;
    const reading = this.#fetch(key, range);
    this.#shared.set(name, reading);
    try {
      const bytes = await reading;
      this.#keepWithinBounds(bytes.byteLength);
      return bytes;
    } catch (error) {
      this.#shared.delete(name);
      throw error;
    }
  }

  #keepWithinBounds(newBytes: number): void {
    this.#cachedBytes += newBytes;
    if (this.#cachedBytes <= maxCachedBytes) return;
    this.#shared.clear();
    this.#cachedBytes = 0;
  }

  async #fetch(key: string, range?: ByteRange): Promise<Uint8Array> {
    const bytes = await this.#store.get(key, range);
    if (bytes !== undefined) return bytes;
    throw new CloudburstError("input_missing", `the input ${key} is not in the bucket`, { data: { key } });
  }
}

/** Bytes for the calls of one chunk, or for whatever chunk uses the same input. */
type Use = "own" | "shared";

/** A list of so many parts is hardly used twice, and its key would be longer than it is worth. */
const maxKeyLength = 4 * 1024;

/** What comes from the store is kept by the slot, under the name of its parts; what came with the message is not. */
function kept(of: SlotInput, { parts, order }: WireItems): SlotInput {
  if (parts.length === 0 || parts.some((part) => "lines" in part)) return of;
  const key = JSON.stringify([parts, order]);
  return key.length > maxKeyLength ? of : { kind: "kept", key, of };
}
