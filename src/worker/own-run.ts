import type { Runs, Visit } from "./runs.ts";

/** The one run of a temporary cluster's worker: the worker as a whole leaves when the run does not want it any more. */
export function createOwnRun(): Runs {
  const pace = { lastChunkMs: Number.POSITIVE_INFINITY };
  const { signal } = new AbortController();
  const visit = (): Visit => ({ pace, signal, unwanted: undefined, [Symbol.dispose]: () => undefined });
  return { enter: () => Promise.resolve(visit()) };
}
