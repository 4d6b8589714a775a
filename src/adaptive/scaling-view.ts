/** What the scaling decision looks at, and what it has to keep to. Counts only: its size does not grow with the fleet. */

/** Calls that run now or could run now, and calls that the graph shows coming. */
export interface WorkView {
  /** Calls without a committed result, those in work included. Exact: the driver's own count, never the queue's. */
  readonly remainingCalls: number;
  /** Of these, in work now. */
  readonly runningCalls: number;
  /** How long calls take, measured in this run or remembered from an earlier one; undefined while nothing is known. */
  readonly callMs: CallDuration | undefined;
  /** How long the calls in work have taken so far, on average: a call takes at least that. 0 when none is in work. */
  readonly runningForMs: number;
  /** Work that is not there yet but that the graph shows: the next stage. */
  readonly upcoming: UpcomingWork | undefined;
  /** What other runs have in the queue of a shared cluster. */
  readonly otherRuns: QueuedMessages;
}

export interface QueuedMessages {
  /** Visible, in flight and delayed. */
  readonly messages: number;
  /** Time that one slot needs for a message. */
  readonly messageMs: number;
}

export interface CallDuration {
  /** The mean, because calls x mean is the work; a median leaves the tail out. */
  readonly meanMs: number;
  /** The longest call seen, here or in an earlier run: no fleet is faster than its longest call. At least the mean. */
  readonly tailMs: number;
}

export interface UpcomingWork {
  readonly calls: number;
  /** Milliseconds for each call; undefined: as the calls of now. */
  readonly callMs: number | undefined;
  /** When it is expected to be there, in milliseconds from now. */
  readonly inMs: number;
}

/** Workers that leave (draining) are in none of these counts. */
export interface FleetView {
  readonly busy: number;
  readonly idle: number;
  /** Requested, not yet arrived. They count. */
  readonly starting: number;
  /** How long ago they were requested, on average. */
  readonly startingForMs: number;
}

export interface ScalingView {
  readonly work: WorkView;
  readonly fleet: FleetView;
  readonly slotsPerWorker: number;
  /** From RunTask to hello, measured; undefined until a worker has arrived. */
  readonly startUpMs: number | undefined;
  /** Since the run began. */
  readonly elapsedMs: number;
  /** Billed worker time of the run so far, of all its workers. */
  readonly spentWorkerMs: number;
}

/** What a worker costs. */
export interface WorkerPrice {
  /** US dollars; 0 for workers on this machine. */
  readonly usdPerHour: number;
  /** A worker is billed for this long at least. Fargate: 60 s. */
  readonly minimumMs: number;
  /** Part of the start-up that nobody bills. Fargate bills from the pull of the image, about 10 s after RunTask. */
  readonly unbilledStartUpMs: number;
}

export interface ScalingLimits {
  readonly minimum: number;
  /** null: no limit but the quota. */
  readonly maximum: number | null;
  /** The remaining work is wanted done within this time, as far as workers for it pay. */
  readonly targetDurationMs: number;
  /** Milliseconds since the epoch. */
  readonly finishBy: number | undefined;
  /** US dollars left of the run's budget. */
  readonly budgetLeftUsd: number | undefined;
  /** How long a worker takes to leave when it is asked to, besides the call that it has in hand. @default 0 */
  readonly leaveMs?: number;
  /** Workers that the account may run at once; undefined while it is not known. */
  readonly quotaWorkers: number | undefined;
  readonly price: WorkerPrice;
}
