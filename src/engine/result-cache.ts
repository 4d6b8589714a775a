import { hash } from "node:crypto";
import { serialize } from "node:v8";

interface Entry {
  readonly value: unknown;
  readonly expiresAtMs: number;
}

const MAX_ENTRIES = 10_000;

/** Results that tasks with `cacheFor` left in this process. Beyond `maxEntries` the one that was used longest ago goes. */
export class ResultCache {
  readonly #entries = new Map<string, Entry>(); // in the order of their use
  readonly #maxEntries: number;

  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  find(place: string, nowMs: number): { readonly value: unknown } | undefined {
    const entry = this.#entries.get(place);
    if (entry === undefined) return undefined;
    this.#entries.delete(place);
    if (entry.expiresAtMs <= nowMs) return undefined;
    this.#entries.set(place, entry);
    return { value: entry.value };
  }

  add(place: string, value: unknown, expiresAtMs: number): void {
    this.#entries.delete(place);
    this.#entries.set(place, { value, expiresAtMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** Where a result is in the cache; undefined for a fingerprint that cannot be written down, such as a function. */
export function placeInCache(key: string, fingerprint: unknown): string | undefined {
  if (fingerprint === undefined) return undefined;
  try {
    return hash("sha256", serialize([key, fingerprint]), "base64");
  } catch {
    return undefined; // DataCloneError: two such calls cannot be told to be the same
  }
}
