/** The workers of one cluster as the driver sees them, in our words. */

export interface WorkerTask {
  readonly id: string;
  /** `unknown`: the cloud does not know it, yet or any more. */
  readonly status: "starting" | "running" | "stopped" | "unknown";
  /** Why it stopped, in the cloud's own words, with the exit code where there is one. */
  readonly reason: string | undefined;
}

export interface Fleet {
  /**
   * Starts workers; returns the ids of those that were accepted. `token` makes the request repeatable without
   * starting anything twice.
   * @throws CloudburstError when not one could be started, with the cloud's reason
   */
  launch(count: number, token: string): Promise<readonly string[]>;
  /** What became of the workers, one answer for each id. */
  observe(ids: readonly string[]): Promise<readonly WorkerTask[]>;
  /** Asks the workers to end: SIGTERM, then SIGKILL after their stop timeout. For cancelling and cleaning up only (I6). */
  stop(ids: readonly string[], reason: string): Promise<void>;
}
