import type { Queue } from "../queue/queue.ts";

/** What a workforce may look at while it watches. */
export interface Backlog {
  readonly tasks: Queue;
  /** Chunks that were sent and of which nothing final has been heard. */
  readonly outstanding: () => number;
}

/** The workers of a run, as its driver knows them: the run's own, or those of a shared cluster. */
export interface Workforce {
  /** Workers that the run has had. */
  readonly count: number;
  /** Slots of the workers that are there, as far as only the workers themselves tell; else 0. */
  readonly slots: number;
  /** Workers that leave with the run and have not said so yet. */
  readonly present: number;
  /** Why a worker was lost last, in the cloud's words. */
  readonly lastLoss: string | undefined;
  /** Lifetimes of the workers that the run pays for, launch to end. */
  readonly lifetimesMs: readonly number[];
  /** Estimate of the run's share in the time of workers that others use too; undefined where there are none. */
  readonly sharedMs: number | undefined;
  /** Requests the first workers, where that is for the run to do. */
  start(): Promise<void>;
  /** Looks after the workers until `stop` is called. */
  watch(backlog: Backlog): Promise<void>;
  joined(workerId: string, slots: number): void;
  left(workerId: string): void;
  /** A chunk was committed that took `busyMs` in one slot. */
  progressed(workerId: string, busyMs: number): void;
  stop(reason: string): Promise<void>;
}
