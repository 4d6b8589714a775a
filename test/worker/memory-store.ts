import type { ByteRange, Store } from "../../src/store/store.ts";

/** A store in memory that counts what is read, and fails on command. */
export class MemoryStore implements Store {
  readonly objects = new Map<string, Uint8Array>();
  readonly reads: string[] = [];
  unreachable = false;

  async put(key: string, body: Uint8Array): Promise<void> {
    this.objects.set(key, body);
    await Promise.resolve();
  }

  async putOnce(key: string, body: Uint8Array): Promise<"written" | "exists"> {
    if (this.objects.has(key)) return "exists";
    await this.put(key, body);
    return "written";
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    this.reads.push(key);
    await Promise.resolve();
    if (this.unreachable) throw new Error("no route to the store");
    const body = this.objects.get(key);
    return range === undefined ? body : body?.subarray(range.start, range.end);
  }

  async *list(prefix: string): AsyncGenerator<string> {
    await Promise.resolve();
    for (const key of [...this.objects.keys()].sort()) if (key.startsWith(prefix)) yield key;
  }

  async delete(keys: readonly string[]): Promise<void> {
    await Promise.resolve();
    for (const key of keys) this.objects.delete(key);
  }
}
