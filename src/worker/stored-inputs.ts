/** Fetches what a chunk's inputs refer to, so that the slot has everything at hand. */
import { CloudburstError, unreachable } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import type { WireColumn, WireInput, WirePart } from "../wire/inputs.ts";
import type { SlotColumn, SlotInput, SlotLines } from "./slot-protocol.ts";

/** Objects that hold constants are fetched once for all slots; at most this many bytes of them are kept. */
const maxCachedBytes = 128 * 1024 * 1024;

export class InputReader {
  readonly #store: Store;
  readonly #objects = new Map<string, Promise<Uint8Array>>();
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
        return { ...wire, bytes: await this.#object(wire.key) };
      case "item":
        return { kind: "item", part: await this.#part(wire.part) };
      case "items":
        return { kind: "items", parts: await this.#parts(wire.parts) };
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
        return { kind: "items", parts: await this.#parts(wire.parts) };
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

  async #parts(wire: readonly WirePart[]): Promise<SlotLines[]> {
    return await Promise.all(wire.map((part) => this.#part(part)));
  }

  async #part(wire: WirePart): Promise<SlotLines> {
    if ("lines" in wire) return wire;
    const { key, from, to, skip, take } = wire;
    if (from === to) return { lines: [] }; // S3 has no way to ask for no bytes
    return { bytes: await this.#fetch(key, { start: from, end: to }), skip, take };
  }

  async #object(key: string): Promise<Uint8Array> {
    const known = this.#objects.get(key);
    if (known !== undefined) return await known;
    const reading = this.#fetch(key);
    this.#objects.set(key, reading);
    try {
      const bytes = await reading;
      this.#keepWithinBounds(bytes.byteLength);
      return bytes;
    } catch (error) {
      this.#objects.delete(key);
      throw error;
    }
  }

  #keepWithinBounds(newBytes: number): void {
    this.#cachedBytes += newBytes;
    if (this.#cachedBytes <= maxCachedBytes) return;
    this.#objects.clear();
    this.#cachedBytes = 0;
  }

  async #fetch(key: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    const bytes = await this.#store.get(key, range);
    if (bytes !== undefined) return bytes;
    throw new CloudburstError("input_missing", `the input ${key} is not in the bucket`, { data: { key } });
  }
}
