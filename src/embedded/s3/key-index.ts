/** The keys of a bucket in listing order, sorted only when somebody lists. */

import { fromSortable, toSortable } from "./key-order.ts";

// Up to here, moving the tail of the array for each change beats a pass over all keys.
const MAX_SPLICES = 64;

/** Where a listing goes on: behind a key, or behind everything that starts with a prefix. */
export type ListPosition = { readonly afterKey: string } | { readonly afterPrefix: string };

export interface ListQuery {
  readonly prefix: string;
  /** Empty means no grouping. */
  readonly delimiter: string;
  readonly position: ListPosition | undefined;
  readonly maxKeys: number;
}

export interface ListPage {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page starts; undefined when this is the last. */
  readonly next: ListPosition | undefined;
}

export class KeyIndex {
  #sorted: string[] = [];
  readonly #added = new Set<string>();
  readonly #removed = new Set<string>();

  /** The key must not be in the index. */
  add(key: string): void {
    const sortable = toSortable(key);
    if (!this.#removed.delete(sortable)) this.#added.add(sortable);
  }

  /** The key must be in the index. */
  remove(key: string): void {
    const sortable = toSortable(key);
    if (!this.#added.delete(sortable)) this.#removed.add(sortable);
  }

  list(query: ListQuery): ListPage {
    this.#settle();
    const sorted = this.#sorted;
    const prefix = toSortable(query.prefix);
    const delimiter = toSortable(query.delimiter);
    const keys: string[] = [];
    const commonPrefixes: string[] = [];
    let next: ListPosition | undefined;
    let at = Math.max(firstNotBefore(sorted, prefix), resumeAt(sorted, query.position));
    while (query.maxKeys > 0) {
      const key = sorted[at];
      if (key === undefined || !key.startsWith(prefix)) return { keys, commonPrefixes, next: undefined };
      if (keys.length + commonPrefixes.length === query.maxKeys) break;
      const group = groupOf(key, prefix, delimiter);
      if (group === undefined) {
        keys.push(fromSortable(key));
        next = { afterKey: fromSortable(key) };
        at += 1;
      } else {
        commonPrefixes.push(fromSortable(group));
        next = { afterPrefix: fromSortable(group) };
        at = firstPastPrefix(sorted, group);
      }
    }
    return { keys, commonPrefixes, next };
  }

  /** Brings the changes since the last listing into the sorted keys. */
  #settle(): void {
    const changes = this.#added.size + this.#removed.size;
    if (changes === 0) return;
    if (changes <= MAX_SPLICES) {
      for (const key of this.#removed) this.#sorted.splice(firstNotBefore(this.#sorted, key), 1);
      for (const key of this.#added) this.#sorted.splice(firstNotBefore(this.#sorted, key), 0, key);
    } else {
      const kept = this.#removed.size === 0 ? this.#sorted : this.#sorted.filter((key) => !this.#removed.has(key));
      // The sort finds the two sorted runs and merges them in one pass.
      this.#sorted = kept.concat([...this.#added].sort()).sort();
    }
    this.#added.clear();
    this.#removed.clear();
  }
}

function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const cut = key.indexOf(delimiter, prefix.length);
  return cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
}

function resumeAt(sorted: readonly string[], position: ListPosition | undefined): number {
  if (position === undefined) return 0;
  if ("afterPrefix" in position) return firstPastPrefix(sorted, toSortable(position.afterPrefix));
  const key = toSortable(position.afterKey);
  return firstIndex(sorted, (candidate) => candidate > key);
}

function firstNotBefore(sorted: readonly string[], key: string): number {
  return firstIndex(sorted, (candidate) => candidate >= key);
}

function firstPastPrefix(sorted: readonly string[], prefix: string): number {
  return firstIndex(sorted, (candidate) => candidate > prefix && !candidate.startsWith(prefix));
}

/** Binary search: index of the first element for which `holds`, which must stay true from there on. */
function firstIndex(sorted: readonly string[], holds: (key: string) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate !== undefined && holds(candidate)) high = middle;
    else low = middle + 1;
  }
  return low;
}
