/** A simulated worker, and what it has in hand. */
import type { Capacity } from "../adaptive/capacity-choice.ts";
import type { CallRange } from "./call-queue.ts";

export interface Worker {
  readonly id: number;
  readonly capacity: Capacity;
  readonly launchedAt: number;
  readonly billedFrom: number;
  state: "starting" | "here" | "leaving" | "gone";
  /** One for each slot that is in use. */
  readonly chunks: Set<Chunk>;
  idleSince: number;
  endedAt: number;
  joinedAt: number | undefined;
}

export interface Chunk extends CallRange {
  readonly startedAt: number;
  readonly endsAt: number;
  readonly worker: Worker;
  lost: boolean;
}
