/** What a simulated run took and cost. */
import type { Timeline } from "./timeline.ts";

export interface Outcome {
  readonly makespanMs: number;
  /** Until the policy has brought the fleet back to its minimum. */
  readonly usd: number;
  /** As if somebody had stopped every worker when the last call ended. */
  readonly usdAtEnd: number;
  readonly workers: number;
  readonly peak: number;
  /** Workers that a policy stopped while they had a chunk. */
  readonly busyStopped: number;
  readonly timeline: Timeline;
  readonly chunks: number;
  /** When each batch was released. */
  readonly releasedAt: readonly number[];
}
