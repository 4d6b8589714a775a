/** Counts what is under way, so that a run which can do no more is noticed. */
export class Activity {
  readonly #rested: () => void;
  #underWay = 0;
  #stopped = false;

  /** `rested` is called whenever the last thing under way has ended. */
  constructor(rested: () => void) {
    this.#rested = rested;
  }

  get isNone(): boolean {
    return this.#underWay === 0;
  }

  /** The run is over: what still ends is to be ignored. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Begins `work`, which must not reject: it tells its end, and its errors, itself. */
  begin(work: () => Promise<void>): void {
    this.#underWay += 1;
    void work().finally(() => {
      this.#underWay -= 1;
      if (this.#underWay === 0 && !this.#stopped) this.#rested();
    });
  }
}
