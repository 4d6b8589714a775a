import type { Queue } from "../queue/queue.ts";
import type { Workload } from "./workload.ts";

/** What a workforce may look at while it watches, and how it reaches its workers. */
export interface Backlog {
  readonly tasks: Queue;
  /** Chunks that were sent and of which nothing final has been heard. */
  readonly outstanding: () => number;
  readonly workload: () => Workload;
  /** Asks these workers, and no others, to leave when what they have in hand has ended. */
  readonly dismiss: (workerIds: readonly string[]) => void;
}

/** The workers of a run, as its driver knows them: the run's own, or those of a shared cluster. */
export interface Workforce {
  /** Workers that the run has had. */
  readonly count: number;
  /** Slots of the workers that are there or on their way, as far as the cluster's own number does not say; else 0. */
  readonly slots: number;
  /** Workers that leave with the run and have not said so yet. */
  readonly present: number;
  /** Why a worker was lost last, in the cloud's words. */
  readonly lastLoss: string | undefined;
  /** Lifetimes of the workers that the run pays for, launch to end. */
  readonly lifetimesMs: readonly number[];
  /** Requests to start workers; undefined where the run starts none. */
  readonly launches: number | undefined;
  /** What kept the run from having more workers, in one line; undefined where nobody knows. */
  readonly limitedBy: string | undefined;
  /** Median from request to hello; undefined until a worker of the run's own has joined. */
  readonly startUpMs: number | undefined;
  /** Requests the first workers, where that is for the run to do. */
  start(): Promise<void>;
  /** Looks after the workers until `stop` is called. */
  watch(backlog: Backlog): Promise<void>;
  /** There was nothing to do, and now there is. */
  workCame(): void;
  joined(workerId: string, slots: number): void;
  /** A worker says whether it has something to do; `turn` counts up. */
  tellActivity(workerId: string, idle: boolean, turn: number): void;
  left(workerId: string): void;
  progressed(workerId: string): void;
  stop(reason: string): Promise<void>;
}
