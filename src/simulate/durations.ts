/** What a driver learns of a task's durations from the chunks that have ended. */

export class Durations {
  #calls = 0;
  #sumMs = 0;
  #longestMs = 0;

  get meanMs(): number | undefined {
    return this.#calls === 0 ? undefined : this.#sumMs / this.#calls;
  }

  /** The longest call seen; of a chunk of many, their mean. */
  get tailMs(): number {
    return this.#longestMs;
  }

  add(calls: number, busyMs: number): void {
    this.#calls += calls;
    this.#sumMs += busyMs;
    this.#longestMs = Math.max(this.#longestMs, busyMs / calls);
  }
}
