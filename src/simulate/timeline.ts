/** Workers and backlog over time, thinned as it grows: enough for a chart, whatever the run's length. */

const maxSamples = 1_200;

export interface Sample {
  readonly at: number;
  readonly here: number;
  readonly starting: number;
  readonly backlog: number;
}

export class Timeline {
  #samples: Sample[] = [];
  #everyMs = 0;

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  sample(at: number, here: number, starting: number, backlog: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < this.#everyMs) return;
    this.#samples.push({ at, here, starting, backlog });
    if (this.#samples.length <= maxSamples) return;
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    this.#everyMs = Math.max(1, (2 * at) / maxSamples);
  }
}
