/** Which of some items are meant and in what order, as plain lists of numbers: they travel with chunks. */

/** Of items in a row: how many are passed over and how many used, in turn. */
export type Picks = readonly number[];

/** Of several lists: which one the next items come from and how many they are, in turn. Each list is used from its begin on. */
export type Order = readonly number[];

export class PickWriter {
  readonly picks: number[] = [];
  #next = 0;

  /** The first item that can still be used. */
  get next(): number {
    return this.#next;
  }

  use(start: number, end: number): void {
    const last = this.picks.length - 1;
    if (last > 0 && start === this.#next) this.picks[last] = (this.picks[last] ?? 0) + end - start;
    else this.picks.push(start - this.#next, end - start);
    this.#next = end;
  }
}

export function picked<T>(items: readonly T[], picks: Picks): readonly T[] {
  const parts: (readonly T[])[] = [];
  let at = 0;
  for (let pair = 0; pair < picks.length; pair += 2) {
    const start = at + (picks[pair] ?? 0);
    at = start + (picks[pair + 1] ?? 0);
    parts.push(items.slice(start, at));
  }
  return parts.length === 1 ? (parts[0] ?? []) : parts.flat();
}

/** Without an order the lists stand one after the other. */
export function interleaved<T>(lists: readonly (readonly T[])[], order: Order | undefined): readonly T[] {
  if (order === undefined) return lists.length === 1 ? (lists[0] ?? []) : lists.flat();
  const used = lists.map(() => 0);
  const parts: (readonly T[])[] = [];
  for (let pair = 0; pair < order.length; pair += 2) {
    const list = order[pair] ?? 0;
    const start = used[list] ?? 0;
    const end = start + (order[pair + 1] ?? 0);
    parts.push(lists[list]?.slice(start, end) ?? []);
    used[list] = end;
  }
  return parts.flat();
}
