/** What is known of a task's calls from the chunks that have ended: how long they take, how large their results are. */

/** Samples kept for each task: enough for a steady median, few enough to follow a change. */
const maxSamples = 31;

interface Samples {
  readonly callMs: number[];
  readonly resultBytes: number[];
}

export interface CallEstimate {
  readonly callMs: number | undefined;
  readonly resultBytes: number | undefined;
}

export class CallEstimates {
  readonly #samples = new Map<string, Samples>();

  /** Takes note of a chunk of `calls` calls. */
  add(key: string, calls: number, busyMs: number, bytes: number | undefined): void {
    const samples = this.#samples.get(key) ?? { callMs: [], resultBytes: [] };
    this.#samples.set(key, samples);
    push(samples.callMs, busyMs / calls);
    if (bytes !== undefined) push(samples.resultBytes, bytes / calls);
  }

  of(key: string): CallEstimate {
    const samples = this.#samples.get(key);
    return { callMs: median(samples?.callMs), resultBytes: median(samples?.resultBytes) };
  }
}

function push(samples: number[], value: number): void {
  samples.push(value);
  if (samples.length > maxSamples) samples.shift();
}

function median(samples: readonly number[] | undefined): number | undefined {
  const sorted = [...(samples ?? [])].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
