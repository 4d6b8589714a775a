/**
 * Tells the driver of a run whose fleet scales when the worker has nothing to do, and when it has again. A pause between
 * two chunks is not told: only one that lasted from one look at the lease to the next.
 */
export class ActivityReport {
  readonly #tell: (idle: boolean, turn: number) => void;
  #inHand = false;
  /** Looks since the last chunk was done with. */
  #looks = 0;
  #toldIdle = false;
  #turn = 0;

  constructor(tell: (idle: boolean, turn: number) => void) {
    this.#tell = tell;
  }

  busy(): void {
    this.#inHand = true;
    if (this.#toldIdle) this.#say(false);
  }

  idle(): void {
    this.#inHand = false;
    this.#looks = 0;
  }

  /** The lease was looked at, and the driver wants to know. */
  looked(): void {
    if (this.#inHand || this.#toldIdle) return;
    this.#looks += 1;
    if (this.#looks > 1) this.#say(true);
  }

  #say(idle: boolean): void {
    this.#toldIdle = idle;
    this.#turn += 1;
    this.#tell(idle, this.#turn);
  }
}
