/** The workers of one cluster as the driver sees them, in our words. */

/** What a worker may run on: what the cluster prefers, or on-demand in its place. */
export type Capacity = "spot" | "on-demand";

export interface Launch {
  /** At most ten. */
  readonly count: number;
  /** Makes the request repeatable without starting anything twice; 1 to 64 characters. */
  readonly token: string;
  readonly capacity: Capacity;
}

/** Why fewer workers were started than asked, as the cloud names it. */
export interface LaunchFailure {
  readonly reason: string;
  readonly detail: string | undefined;
}

export type LaunchReply =
  /** Started so many, perhaps fewer than asked or none. */
  | { readonly kind: "answered"; readonly ids: readonly string[]; readonly failures: readonly LaunchFailure[] }
  /** An error, or no reply at all: whether anything was started can be told by asking again under the same token only. */
  | { readonly kind: "refused"; readonly failure: LaunchFailure };

export interface WorkerTask {
  readonly id: string;
  /** `unknown`: the cloud does not know it, yet or any more. */
  readonly status: "starting" | "running" | "stopped" | "unknown";
  /** Why it stopped, in the cloud's own words, with the exit code where there is one. */
  readonly reason: string | undefined;
  /** Spot took it back, or had no place for it. */
  readonly interrupted: boolean;
}

export interface Fleet {
  /** What workers run on as long as it can be had. */
  readonly prefers: Capacity;
  /** Whether on-demand may stand in for Spot. */
  readonly fallsBack: boolean;
  launch(launch: Launch): Promise<LaunchReply>;
  /** The reason for which a worker stopped, with what helps where that is known. `hadStarted`: it had said hello. */
  explain(reason: string, hadStarted: boolean): string;
  /** What became of the workers, one answer for each id. */
  observe(ids: readonly string[]): Promise<readonly WorkerTask[]>;
  /** Asks the workers to end: SIGTERM, then SIGKILL after their stop timeout. For cancelling and cleaning up only (I6). */
  stop(ids: readonly string[], reason: string): Promise<void>;
}
