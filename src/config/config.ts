/** What can be configured, as it is used and as users write it. */
import type { Duration } from "../base/duration.ts";
import type { LogThreshold } from "../base/log-line.ts";

/** A class, a function that makes one of its instances, or the name of either. */
export type ClassOption = string | ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown);

/** The configuration in force: defaults, the config file, and the environment over it. */
export interface Config {
  /** Tell more than usual: without a `logging.level` of its own, that is `"debug"`. */
  readonly debug: boolean;
  readonly engine: {
    readonly executor: {
      /** The executor of flows that name none; undefined for `LocalExecutor`. */
      readonly defaultClass: ClassOption | undefined;
      /** What `FargateExecutor` is given when it is that executor. */
      readonly fargate: FargateConfig;
    };
  };
  readonly logging: {
    /**
     * Lines of this level and above are told, those that the library writes about runs and tasks among them. Undefined: the
     * tasks' own lines from `info` up, and none of the library's.
     */
    readonly level: LogThreshold | undefined;
  };
  readonly flows: {
    /** Results of tasks that name a store are written there. */
    readonly checkpointing: boolean;
    /** `flow.run` waits for the events of the flow's schedule. */
    readonly runOnSchedule: boolean;
  };
  readonly records: {
    /** Where runs on a cluster are recorded; undefined for the user's state directory. */
    readonly directory: string | undefined;
    /** So many of the latest records are kept; 0 records nothing. */
    readonly keep: number;
  };
  readonly tasks: {
    /** For tasks that do not say. */
    readonly defaults: {
      readonly maxRetries: number;
      /** Undefined: no time is configured. */
      readonly retryDelayMs: number | undefined;
      /** Undefined: no limit is configured. */
      readonly timeoutMs: number | undefined;
    };
  };
}

/** Only what is configured is there. */
export interface FargateConfig {
  readonly address?: string;
  readonly clusterClass?: ClassOption;
  readonly clusterKwargs?: Readonly<Record<string, unknown>>;
  readonly adaptKwargs?: Readonly<Record<string, unknown>>;
  /** What workers and requests are paid by; see docs/scaling.md. */
  readonly prices?: Readonly<Record<string, unknown>>;
}

/**
 * What `cloudburst.config.ts` exports as its default: `export default { … } satisfies CloudburstConfig`. All of it may
 * be left out.
 */
export interface CloudburstConfig {
  /** Tell more than usual: without a `logging.level` of its own, that is `"debug"`. @default false */
  readonly debug?: boolean;
  readonly engine?: {
    readonly executor?: {
      /** A name such as `"FargateExecutor"` or `"./my-executor.ts#MyExecutor"`, or the class. @default "LocalExecutor" */
      readonly defaultClass?: ClassOption;
      readonly fargate?: FargateConfig;
    };
  };
  readonly logging?: {
    /** `"debug"`, `"info"`, `"warn"`, `"error"` or `"off"`. @default the tasks' own lines from `"info"` up */
    readonly level?: LogThreshold;
  };
  readonly flows?: {
    /** @default true */
    readonly checkpointing?: boolean;
    /** @default true */
    readonly runOnSchedule?: boolean;
  };
  readonly records?: {
    /** Where runs on a cluster are recorded. @default "$XDG_STATE_HOME/cloudburst/runs", or below ~/.local/state */
    readonly directory?: string;
    /** So many of the latest records are kept; 0 records nothing. @default 100 */
    readonly keep?: number;
  };
  readonly tasks?: {
    readonly defaults?: {
      /** @default 0 */
      readonly maxRetries?: number;
      /** Milliseconds, or text such as `"10s"`. */
      readonly retryDelay?: Duration;
      /** Milliseconds, or text such as `"10s"`. */
      readonly timeout?: Duration;
    };
  };
}
