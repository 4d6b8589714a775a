/** What is known of a task's calls from the chunks that have ended: how long they take, how large their results are. */

/** Samples kept for each task: enough for a steady median, few enough to follow a change. */
const maxSamples = 31;

interface Sample {
  readonly calls: number;
  /** Of each call, on average. */
  readonly value: number;
}

interface Samples {
  readonly callMs: Sample[];
  readonly resultBytes: Sample[];
  calls: number;
  totalMs: number;
  longestMs: number;
}

export interface CallEstimate {
  readonly callMs: number | undefined;
  readonly resultBytes: number | undefined;
}

/** Over all calls of a task that have ended. */
export interface MeasuredCalls {
  readonly calls: number;
  /** Calls x mean is the work; a median leaves the tail out. */
  readonly meanMs: number;
  /** The longest call, as far as chunks of one call tell; of longer chunks the longest mean. */
  readonly tailMs: number;
}

export class CallEstimates {
  readonly #samples = new Map<string, Samples>();

  /** Takes note of a chunk of `calls` calls. */
  add(key: string, calls: number, busyMs: number, bytes: number | undefined): void {
    const samples = this.#samples.get(key) ?? { callMs: [], resultBytes: [], calls: 0, totalMs: 0, longestMs: 0 };
    this.#samples.set(key, samples);
    push(samples.callMs, { calls, value: busyMs / calls });
    if (bytes !== undefined) push(samples.resultBytes, { calls, value: bytes / calls });
    samples.calls += calls;
    samples.totalMs += busyMs;
    samples.longestMs = Math.max(samples.longestMs, busyMs / calls);
  }

  of(key: string): CallEstimate {
    const samples = this.#samples.get(key);
    return { callMs: median(samples?.callMs), resultBytes: median(samples?.resultBytes) };
  }

  measured(key: string): MeasuredCalls | undefined {
    const samples = this.#samples.get(key);
    if (samples === undefined) return undefined;
    const { calls, totalMs, longestMs } = samples;
    return { calls, meanMs: totalMs / calls, tailMs: longestMs };
  }

  get keys(): readonly string[] {
    return [...this.#samples.keys()];
  }
}

function push(samples: Sample[], sample: Sample): void {
  samples.push(sample);
  if (samples.length > maxSamples) samples.shift();
}

/** Of the calls, not of the chunks: the first chunks hold one call each, run by code that is still cold. */
function median(samples: readonly Sample[] = []): number | undefined {
  const sorted = [...samples].sort((a, b) => a.value - b.value);
  const half = samples.reduce((sum, { calls }) => sum + calls, 0) / 2;
  let passed = 0;
  for (const { calls, value } of sorted) {
    passed += calls;
    if (passed > half) return value;
  }
  return undefined;
}
