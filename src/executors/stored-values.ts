/** Constants on their way to the workers: encoded once, and stored once for a whole run when they are large. */
import { createHash } from "node:crypto";
import { toError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import type { WireInput } from "../wire/inputs.ts";
import { inputKey } from "../wire/keys.ts";
import { unsendableMark, writePack } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import type { KnownPack } from "./pack-results.ts";

/** A value or list of values above this goes into an object of its own. */
const inlineBytes = 16 * 1024;

export class StoredValues {
  readonly #store: Store;
  readonly #runId: string;
  /** By identity: a value that many chunks use is encoded and stored by the first. */
  readonly #values = new WeakMap<object, Promise<WireInput>>();
  readonly #columns = new WeakMap<object, Promise<KnownPack>>();

  constructor(store: Store, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  async value(value: unknown, what: string, maxInlineBytes = inlineBytes): Promise<WireInput> {
    if (typeof value !== "object" || value === null) return await this.#writeValue(value, what, maxInlineBytes);
    return await memoized(this.#values, value, () => this.#writeValue(value, what, maxInlineBytes));
  }

  /** The elements of a list; nowhere but at hand when they are few. */
  async elements(list: readonly unknown[], what: string): Promise<KnownPack> {
    return await memoized(this.#columns, list, () => this.#writeColumn(list, what));
  }

  async #writeValue(value: unknown, what: string, maxInlineBytes: number): Promise<WireInput> {
    const line = encodeValue(value, what);
    if (line.length <= maxInlineBytes) return { kind: "value", line };
    return { kind: "object", key: await this.#put(Buffer.from(line)) };
  }

  async #writeColumn(list: readonly unknown[], what: string): Promise<KnownPack> {
    const lines = list.map((element, at) => elementLine(element, `element ${String(at)} of ${what}`));
    const { body, index } = writePack({ lines, shape: "array" });
    const about = { index, lengths: undefined, failures: undefined };
    if (index.bytes <= inlineBytes) return { ...about, key: "", lines };
    return { ...about, key: await this.#put(body), lines: undefined };
  }

  /** Named by content: the same constant in another place of the flow is the same object. */
  async #put(body: Uint8Array): Promise<string> {
    const key = inputKey(this.#runId, createHash("sha256").update(body).digest("hex"));
    await this.#store.putOnce(key, body);
    return key;
  }
}

/** An element that cannot travel fails only the call that needs it (I8). */
function elementLine(element: unknown, what: string): string {
  try {
    return encodeValue(element, what);
  } catch (error) {
    return `${unsendableMark}${encodeValue(toError(error), what)}`;
  }
}

async function memoized<T>(cache: WeakMap<object, Promise<T>>, key: object, make: () => Promise<T>): Promise<T> {
  let made = cache.get(key);
  if (made === undefined) {
    made = make();
    cache.set(key, made);
  }
  return await made;
}
