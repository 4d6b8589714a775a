/** The runs that a worker serves, and whether they still want their chunks done. */
import type { ChunkMessage } from "../wire/chunk-message.ts";

/**
 * Why a chunk is not to be run. `ended`: its run is over, however it ended. `silent`: its driver has not renewed the run's
 * lease for the grace time; it may still come back, as a closed laptop does.
 */
export type Unwanted = "ended" | "silent";

/** How quickly the chunks of one run pass. */
export interface RunPace {
  lastChunkMs: number;
}

/** A chunk's stay in the worker; it ends by disposing of it. */
export interface Visit extends Disposable {
  readonly pace: RunPace;
  /** Aborts when the run does not want the chunk any more; `unwanted` says why. */
  readonly signal: AbortSignal;
  readonly unwanted: Unwanted | undefined;
}

export interface Runs {
  enter(chunk: Pick<ChunkMessage, "runId" | "notices">): Promise<Visit | Unwanted>;
}
