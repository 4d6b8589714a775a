import type { RunPace, Runs, Visit } from "./runs.ts";

/** The one run of a temporary cluster's worker: the worker as a whole leaves when the run does not want it any more. */
export function createOwnRun(): Runs {
  const pace = { lastChunkMs: Number.POSITIVE_INFINITY };
  return { enter: () => Promise.resolve(openVisit(pace)) };
}

/** It never aborts, and is the visit's own: whoever listens to it would else be one of as many as there are slots. */
function openVisit(pace: RunPace): Visit {
  const { signal } = new AbortController();
  return { pace, signal, unwanted: undefined, [Symbol.dispose]: () => undefined };
}
