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
