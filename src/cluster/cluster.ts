import type { RequestCounts } from "../aws/request-counter.ts";
import type { PriceTable } from "../base/prices.ts";
import type { Queue } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";
import type { Capacity, Fleet } from "./fleet.ts";

/** Task queue, notice queue, store and fleet, opened for one run. Disposing of it removes what was made for the run. */
export interface Cluster extends AsyncDisposable {
  /** For people: what it is and where. */
  readonly description: string;
  readonly tasks: Queue;
  readonly notices: Queue;
  readonly store: Store;
  /** Undefined where workers come and go without the run's doing: they are known by what they tell. */
  readonly fleet: Fleet | undefined;
  /** Workers that the run should have; without a fleet as many as are counted on until more are heard of. */
  readonly workers: number;
  /** The most workers that the account may run at once; undefined where that is not known, or nothing bounds it. */
  readonly quotaWorkers?: number | undefined;
  readonly slotsPerWorker: number;
  /** Chunks of the run that may be in the queue or in work for each slot. @default 2 */
  readonly windowPerSlot?: number | undefined;
  /** @default workers as Fargate bills them, at an unknown price */
  readonly workerFacts?: WorkerFacts | undefined;
  /** How long a message in a worker's hand stays invisible without renewal. */
  readonly leaseMs: number;
  /** How often the driver should look after the fleet. */
  readonly watchMs: number;
  /** Without a fleet: when the user is told that the run waits for workers. @default what fits a stack's service */
  readonly patience?: SharedPatience | undefined;
  /** Requests that the driver has made of this cluster's services. */
  requestCounts(): RequestCounts;
  /**
   * The run has ended well, so that nobody will resume it: disposal removes its objects as well. @default they stay
   */
  discardResults?(): void;
}

/** What a decision about the number of workers needs to know of one. */
export interface WorkerFacts {
  /** Image and size: start-up latency and durations are remembered under this. Undefined: they are not remembered. */
  readonly kind: string | undefined;
  /** US dollars; 0 for workers that cost nothing, undefined where the price is not known. */
  readonly usdPerHour: Readonly<Record<Capacity, number>> | undefined;
  /** What workers and requests are paid by, where the cluster knows its region. */
  readonly prices?: PriceTable | undefined;
  /** A worker is billed for this long at least. */
  readonly minimumBilledMs: number;
  /** Part of the start-up that nobody bills. */
  readonly unbilledStartUpMs: number;
  /** From request to hello, until it has been measured. @default 45 s */
  readonly startUpMs?: number | undefined;
  /** Workers at most where the user names no maximum. @default no limit but the quota */
  readonly maximum?: number | undefined;
}

/** What to say to the user of a run that no worker takes up. */
export interface SharedPatience {
  /** So long nothing is heard of any worker. */
  readonly ms: number;
  /** What helps when nobody is there, and when all are busy with other runs. */
  readonly nobody: string;
  readonly busy: string;
}

/** The run for which a cluster is opened. */
export interface ClusterRun {
  readonly runId: string;
  /** From 2 on, the run is resumed: it had drivers before, whose queues and workers are to be removed. @default 1 */
  readonly driver?: number | undefined;
  /** Workers with which a run whose fleet scales begins, unless the cluster's own options say otherwise. */
  readonly initialWorkers?: number | undefined;
  readonly signal: AbortSignal;
  /** Tells the user something that does not end the run. */
  readonly warn: (message: string) => void;
}

/**
 * Opens a cluster for one run. When it rejects, nothing is left of what it had made.
 * @throws CloudburstError that says what is wrong and how to fix it
 */
export type OpenCluster = (run: ClusterRun) => Promise<Cluster>;
