import type { ByteRange, Store } from "./store.ts";

/** Objects in this process's memory, as long as somebody holds the store. */
export class MemoryStore implements Store {
  readonly #objects = new Map<string, Uint8Array>();

  put(key: string, body: Uint8Array): Promise<void> {
    this.#objects.set(key, body);
    return Promise.resolve();
  }

  putOnce(key: string, body: Uint8Array): Promise<"written" | "exists"> {
    if (this.#objects.has(key)) return Promise.resolve("exists");
    this.#objects.set(key, body);
    return Promise.resolve("written");
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    const body = this.#objects.get(key);
    if (body === undefined || range === undefined) return Promise.resolve(body);
    // A copy: what is cloned for a thread is the whole buffer, however little of it is meant.
    return Promise.resolve(Uint8Array.prototype.slice.call(body, range.start, range.end));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    await Promise.resolve();
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
    yield* keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#objects.delete(key);
    return Promise.resolve();
  }
}
