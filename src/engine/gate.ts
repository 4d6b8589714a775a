/** Lets so much work go on at once; what comes later waits in line. */
export class Gate {
  readonly #line: (() => void)[] = [];
  /** Of those in line, so many have gone in: taking them off the front of a long array would take longer than their work. */
  #passed = 0;
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    const next = this.#line[this.#passed];
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#passed += 1;
    if (this.#passed === this.#line.length) {
      this.#line.length = 0;
      this.#passed = 0;
    }
    next();
  }
}

/** Does something with each item, with a few at once: of a hundred thousand that wait their turn each would cost a promise. */
export async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const left = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of left) results[at] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}
