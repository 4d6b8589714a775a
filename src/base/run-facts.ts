import type { LogThreshold } from "./log-line.ts";

/** What every call of a run can ask of it, wherever the call runs: plain data, which executors bring there once. */
export interface RunFacts {
  readonly flowName: string;
  readonly runId: string;
  readonly runName: string | undefined;
  readonly scheduledStartTimeMs: number;
  /** What `date`, `today` and the like are made of. */
  readonly dateMs: number;
  /** As the tasks see them, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The user's own keys. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Lines of the user's that are wanted. */
  readonly logLevel: LogThreshold;
  /** Lines that the library writes about the calls. */
  readonly runnerLogLevel: LogThreshold;
}
