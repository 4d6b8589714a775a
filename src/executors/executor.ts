/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The port between engine and executor. The engine decides what may run and in what order; an executor only
 * runs it. A custom executor is any object with `start`, `submit`, `map` and `wait`.
 */
import type { LogLine } from "../base/log-line.ts";
import type { PriceTable } from "../base/prices.ts";
import type { RunFacts } from "../base/run-facts.ts";

/** Half-open range of call indices: `start` included, `end` not. */
export interface IndexRange {
  readonly start: number;
  readonly end: number;
}

/** What an executor needs to know of a task. */
export interface ExecutableTask {
  readonly name: string;
  /** The body. Called by executors, unless the task is glue. */
  readonly run: (...args: never[]) => unknown;
  /**
   * So small that handing a call over costs more than making it: the engine makes plain calls itself whose arguments are
   * all at hand. @default false
   */
  readonly isGlue?: boolean | undefined;
  /** Absolute path of the module that defined the task, where it could be told. */
  readonly definedIn: string | undefined;
  /** Name of the flow whose builder made the task: it does not exist where the module is loaded and nothing is built. */
  readonly madeInBuilderOf?: string | undefined;
}

/** A result that the executor keeps elsewhere; only the executor that made it can bring it home. */
export abstract class RemoteValue {
  /** Number of elements when the value is an array, else undefined. */
  abstract readonly length: number | undefined;
  /** Lengths of the elements that are arrays themselves, where the executor knows them (for `flatten`). */
  abstract readonly elementLengths: readonly number[] | undefined;
  /** The value, if it can be had without asking anybody. */
  abstract peek(): { readonly value: unknown } | undefined;
}

/** Results of consecutive calls of a mapped task, kept elsewhere. */
export abstract class RemoteSlice {
  abstract readonly range: IndexRange;
  /** For each call, the length of its result when that is an array, else -1. */
  abstract readonly lengths: readonly number[] | undefined;
  /** The values, undefined for failed calls, if they can be had without asking anybody. */
  abstract peek(): readonly unknown[] | undefined;
}

/** How a call ended, other than by success. */
export interface Failure {
  readonly kind: "failed";
  readonly error: Error;
}

export type Outcome = { readonly kind: "success"; readonly value: unknown } | Failure;

/** Calls `range` of one step have ended. Values of failed calls are `undefined`. */
export interface Settled {
  /** Position in `CallBatch.steps`; 0 unless the executor fuses. */
  readonly step: number;
  readonly range: IndexRange;
  readonly values: readonly unknown[] | RemoteSlice;
  /** By call index. Calls that could not run because an earlier fused step failed are in neither. */
  readonly failures: ReadonlyMap<number, Failure>;
}

/** Results of a mapped task so far, in index order. */
export interface ResultColumn {
  readonly width: number;
  /** Covers `range` by parts of the slices that were settled, in order; a part may reach beyond the range. */
  slices(range: IndexRange): readonly ResultSlice[];
  /** What stands for the result of call `index` in a reduced list when the call did not succeed. */
  substitute(index: number): { readonly value: unknown } | undefined;
}

export interface ResultSlice {
  /** The calls whose results are meant. A `RemoteSlice` may hold more: it has a range of its own. */
  readonly range: IndexRange;
  readonly values: readonly unknown[] | RemoteSlice;
}

/** Where an argument comes from. `each` differs from call to call, everything else is the same for all calls. */
export type Input =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "remote"; readonly value: RemoteValue }
  | { readonly kind: "results"; readonly results: ResultColumn }
  | { readonly kind: "list"; readonly items: readonly Input[] }
  | { readonly kind: "record"; readonly entries: readonly (readonly [key: string, input: Input])[] }
  | { readonly kind: "flatten"; readonly of: Input }
  | { readonly kind: "each"; readonly column: Column };

/** A list of which call `i` takes element `i`. */
export type Column =
  | { readonly kind: "values"; readonly values: readonly unknown[] }
  | { readonly kind: "elements"; readonly of: RemoteValue }
  | { readonly kind: "results"; readonly results: ResultColumn }
  | { readonly kind: "inputs"; readonly items: readonly Input[] }
  /** Element lists of `of` joined; `lengths[k]` elements come from element k of `of` (-1: element k itself). */
  | { readonly kind: "flatten"; readonly of: Column; readonly lengths: readonly number[] }
  /** The result of the same call in an earlier step of the same batch. */
  | { readonly kind: "step"; readonly step: number };

/** One use of a task in a flow. */
export interface Step {
  readonly task: ExecutableTask;
  /** Unique within the flow and for each attempt, stable from run to run: names the results in the store. */
  readonly slug: string;
  /** Position in which the task was added to the flow. */
  readonly order: number;
  /** One for each positional argument of the task. */
  readonly inputs: readonly Input[];
  /** The lengths of array results are wanted (`flatten` follows). */
  readonly wantsLengths: boolean;
  /** @default none */
  readonly tags?: readonly string[] | undefined;
  /** How long one turn of a call may take. @default for ever */
  readonly timeoutMs?: number | undefined;
  /** What the body prints becomes lines of the log. @default false */
  readonly logStdout?: boolean | undefined;
}

/** One call of a plain task. */
export interface Call {
  readonly runId: string;
  /** How often the call was made before and failed: its step's slug tells the attempts apart. */
  readonly attempt: number;
  readonly step: Step;
  /** Runs the body in this process; never throws or rejects. For executors that keep values at hand. */
  run(): Outcome | Promise<Outcome>;
}

/** Calls `range` of a mapped task whose inputs are all there. */
export interface CallBatch {
  readonly runId: string;
  /** How often each of the calls was made before and failed: the slugs of the steps tell the attempts apart. */
  readonly attempt: number;
  /** At least one; more than one only for executors with `fuses`: call i runs through all of them. */
  readonly steps: readonly [Step, ...Step[]];
  readonly range: IndexRange;
  /**
   * Runs call `index` of the first step in this process; never throws or rejects. A promise only where the body returned
   * one: at a million calls the promises would take longer than the calls.
   */
  run(index: number): Outcome | Promise<Outcome>;
}

/** A run, as told to the executor before its first call. */
export interface RunContext {
  readonly runId: string;
  readonly flowName: string;
  /** Absolute path of the module that defined the flow, where it could be told. */
  readonly definedIn: string | undefined;
  /** Every task the run may call. */
  readonly tasks: readonly ExecutableTask[];
  readonly signal: AbortSignal;
  /** What the calls can ask of the run; plain data but for `parameters` and `context`, which hold what the user gave. */
  readonly facts: RunFacts;
  /** Takes the lines that calls wrote elsewhere. */
  readonly log: (line: LogLine) => void;
  readonly emit: (event: ExecutorEvent) => void;
  /** When the run began, by its first driver: milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** By slug, what of the flow decides which call a result is of. Kept for a driver that resumes the run. */
  readonly outline: Readonly<Record<string, string>>;
  /** The run began before, with another driver: what it has committed is taken instead of being made again. @default false */
  readonly resumes?: boolean | undefined;
  /** What is still to come and was not handed over, at the time of asking. Absent: nobody knows, and more may come. */
  readonly planned?: (() => readonly PlannedCalls[]) | undefined;
}

/** Calls of one task that the graph shows and that cannot begin yet. */
export interface PlannedCalls {
  readonly slug: string;
  /** Undefined: as many as something has elements that is not there yet. */
  readonly calls: number | undefined;
  /** Slugs of the tasks that must end first; none where its calls begin one by one, as those before them end. */
  readonly after: readonly string[];
}

/** What an executor tells about its own doings, for progress and reports. */
export type ExecutorEvent =
  /** `workers` and `slots` are 0 where the run has none of its own: a shared cluster's come as there is work. */
  | { readonly kind: "cluster-started"; readonly description: string; readonly workers: number; readonly slots: number }
  | { readonly kind: "worker-joined"; readonly workerId: string; readonly workers: number; readonly startupMs: number }
  | { readonly kind: "worker-lost"; readonly workerId: string; readonly reason: string }
  /** A worker that was too many has left by itself, as it was asked to. */
  | { readonly kind: "worker-left"; readonly workerId: string; readonly reason: string }
  | ScalingDecided
  /** `slugs` are those of the chunk's steps, in order. */
  | {
      readonly kind: "chunk-committed";
      readonly slugs?: readonly string[];
      readonly calls: number;
      readonly busyMs: number;
      readonly workerId: string;
    }
  | { readonly kind: "warning"; readonly message: string };

/** How many workers there should be, told whenever that changes or the reason for it does. Plain data. */
export interface ScalingDecided {
  readonly kind: "scaling-decided";
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Workers that there should be, those that start included. */
  readonly target: number;
  /** Workers that are there; those that were asked to leave are not among them. */
  readonly workers: number;
  /** Workers that were requested and have not arrived. */
  readonly pending: number;
  /** Name of the bound that gave the target its value. */
  readonly winner: string;
  /** Every bound, in the order in which they were applied. */
  readonly bounds: readonly { readonly name: string; readonly value: number }[];
  /** For people. */
  readonly sentence: string;
}

/**
 * What of an executor's options decides how long a run takes and what it costs: for plans and records. Plain data
 * without secrets, told without asking anybody.
 */
export interface ExecutorProfile {
  /** Where calls run: this process, processes of this machine, Fargate for this run alone, a stack's own workers, or unknown. */
  readonly place: "in-process" | "local" | "fargate" | "shared" | "custom";
  /** Calls that run at once in this process, or in processes of its own. @default 1 */
  readonly slots?: number | undefined;
  /** Undefined where the run has no workers, or others decide about them. */
  readonly fleet?: FleetProfile | undefined;
  /** By what the same cluster is found again, for a run that is resumed; absent where that cannot be. */
  readonly reopening?: Reopening | undefined;
}

export interface Reopening {
  /** Of the executor: what is plain data and no secret. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Names of the options that are left out. */
  readonly withheld: readonly string[];
}

export interface FleetProfile {
  readonly minimum: number;
  /** null: no limit but the account's quota. */
  readonly maximum: number | null;
  readonly slotsPerWorker: number;
  readonly targetDurationMs: number;
  readonly intervalMs: number;
  readonly waitCount: number;
  /** Milliseconds since the epoch. */
  readonly finishBy?: number | undefined;
  readonly budgetUsd?: number | undefined;
  readonly spot: boolean;
  /** Whether on-demand workers stand in while Spot cannot be had. */
  readonly fallBack: boolean;
  /** What a worker is paid as; that of a worker on this machine is what it would be paid as on Fargate. */
  readonly worker: {
    readonly vcpu: number;
    readonly memoryGb: number;
    readonly architecture: "x86" | "arm64";
    readonly publicIpv4: boolean;
  };
  /** US dollars for each hour of a worker, its address included. */
  readonly usdPerHour: { readonly spot: number; readonly "on-demand": number };
  /** What cost is told by, as far as the options tell it; the run's report may know better. @default those of us-east-1 */
  readonly prices?: PriceTable | undefined;
  /** From the request to hello, as long as none was measured. */
  readonly startUpMs?: number | undefined;
  /** What only the account could tell, and what was taken instead. */
  readonly assumed: readonly string[];
}

/** A run that another driver has begun, as it was described then. */
export interface RecalledRun {
  readonly flowName: string;
  readonly startedAtMs: number;
  /** As the tasks see them. Those that could not be kept are missing. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Names of the parameters that could not be kept: no values that can travel. */
  readonly lostParameters: readonly string[];
  /** The user's own keys. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly outline: Readonly<Record<string, string>>;
}

export interface Executor {
  /** What plans and records tell of it. @default nothing is known */
  readonly profile?: ExecutorProfile | undefined;
  /** The executor runs batches of several steps without leaving the worker. @default false */
  readonly fuses?: boolean;
  /** Opens what one run needs; the engine disposes of it when the run has ended, however it ended. */
  start(run: RunContext): Promise<ExecutorRun>;
  /**
   * Finds a run that is to be resumed; nothing is changed by it. Rejects when there is none, or when it has a driver.
   * @default the executor's runs cannot be resumed
   */
  recall?(runId: string, signal: AbortSignal): Promise<RecalledRun>;
  /** Runs one call; resolves when it has ended, rejects only when the executor itself has failed. */
  submit(call: Call): Promise<Outcome>;
  /** Runs many calls of one task, telling `settle` as they end, in any order; resolves when all have ended. */
  map(batch: CallBatch, settle: (settled: Settled) => void): Promise<void>;
  /** Brings values home: each `RemoteValue` becomes its value, each `RemoteSlice` an array of values, the rest passes. */
  wait(values: readonly unknown[]): Promise<readonly unknown[]>;
}

/** An executor's part in one run. */
export interface ExecutorRun extends AsyncDisposable {
  /** Said before it is disposed of: the run has ended well, so that nobody will resume it. */
  endedWell?(): void;
  /** What the run used, once it was disposed of; undefined for executors that use nothing but this process. */
  readonly report?: ClusterReport | undefined;
}

/** What a run used of its cluster. */
export interface ClusterReport {
  readonly cluster: string;
  readonly workers: number;
  readonly slots: number;
  readonly chunks: number;
  /** Chunks whose result had been committed before, by an earlier delivery. */
  readonly duplicates: number;
  /** Calls whose results drivers before had committed. Absent unless the run was resumed. */
  readonly foundCalls?: number | undefined;
  /** Sum over all slots of the time spent in calls. */
  readonly busyMs: number;
  /** What a chunk took besides its calls, on average: fetching, storing and telling. Absent where none has ended, and on shared workers. */
  readonly chunkMs?: number | undefined;
  /** AWS requests by service and operation, the driver's and the workers'. */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Lifetimes of the workers, launch to end, for the price. */
  readonly workerMs: readonly number[];
  /**
   * Estimate of the run's share in the time of workers that it does not pay alone: the time in its calls, divided by the
   * slots of the worker. Nobody's share is the time in which shared workers wait. Absent where the workers were its own.
   */
  readonly sharedWorkerMs?: number | undefined;
  /** Requests to start workers, each for one to ten; absent where the run starts none. */
  readonly launches?: number | undefined;
  /** What its cluster says that workers and requests are paid by; absent where it does not know. */
  readonly prices?: PriceTable | undefined;
  /** What kept the run from being faster, in one line: work, maximum, quota, budget, launch rate, Spot. Absent where unknown. */
  readonly limitedBy?: string | undefined;
}
