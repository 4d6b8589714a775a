/** Events in the order of their time; those of the same time in the order in which they were added. */

interface Entry<T> {
  readonly at: number;
  readonly order: number;
  readonly event: T;
}

export class EventHeap<T> {
  readonly #entries: Entry<T>[] = [];
  #added = 0;

  get size(): number {
    return this.#entries.length;
  }

  add(at: number, event: T): void {
    const entry = { at, order: (this.#added += 1), event };
    const entries = this.#entries;
    let hole = entries.length;
    entries.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || before(above, entry)) break;
      entries[hole] = above;
      hole = parent;
    }
    entries[hole] = entry;
  }

  take(): { readonly at: number; readonly event: T } | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined || entries.length === 0) return first;
    let hole = 0;
    for (;;) {
      const child = this.#earlierChild(hole);
      const below = entries[child];
      if (below === undefined || !before(below, last)) break;
      entries[hole] = below;
      hole = child;
    }
    entries[hole] = last;
    return first;
  }

  #earlierChild(parent: number): number {
    const left = 2 * parent + 1;
    const [a, b] = [this.#entries[left], this.#entries[left + 1]];
    return a !== undefined && b !== undefined && before(b, a) ? left + 1 : left;
  }
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
