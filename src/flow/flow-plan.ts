/** What `flow.plan()` takes and gives; src/simulate plans. */
import type { Duration } from "../base/duration.ts";
import type { Executor } from "../executors/executor.ts";
import type { Graph } from "./graph.ts";
import type { ParameterizedFlow } from "./validate-parameters.ts";

export interface PlanOptions<Params extends object = object> {
  /** Values of the flow's parameters. */
  readonly parameters?: Params | undefined;
  /** Where the tasks would run. @default as for `run` */
  readonly executor?: Executor | undefined;
  /** How long a call takes, by task or slug: milliseconds, or text such as `"2s"`. @default what earlier runs measured */
  readonly estimates?: Readonly<Record<string, Duration>> | undefined;
  /** Number of calls, by task or slug, of mapped tasks whose number is known only when the flow runs. */
  readonly widths?: Readonly<Record<string, number>> | undefined;
}

export const PLAN_OPTIONS = [
  "parameters",
  "executor",
  "estimates",
  "widths",
] as const satisfies readonly (keyof PlanOptions)[];

export interface PlannedTask {
  readonly slug: string;
  readonly name: string;
  readonly mapped: boolean;
  /** Undefined where it is known only when the flow runs. */
  readonly calls: number | undefined;
  /** Milliseconds that one call takes; what was measured of a chain that runs on one worker stands at its first task. */
  readonly callMs: { readonly low: number; readonly likely: number; readonly high: number };
  /** Where `callMs` comes from. */
  readonly callMsFrom: "estimate" | "earlier runs" | "assumption" | "library";
}

export interface PlanOutcome {
  /** From the run's beginning to its end: opening and closing its cluster included. Infinity when the budget ends before the work. */
  readonly wallMs: number;
  /** US dollars: workers, their addresses, and requests to SQS and S3. */
  readonly usd: number;
  /** Workers that are there at once, at most. */
  readonly peakWorkers: number;
  /** Workers that are there; those that start are not among them. */
  readonly workersOverTime: readonly { readonly atMs: number; readonly workers: number }[];
}

/** What a run would be like, told without starting anything. */
export interface FlowPlan {
  readonly flowName: string;
  readonly tasks: readonly PlannedTask[];
  /** Undefined while the number of calls is not known, or the workers are not the run's own. */
  readonly outcome: { readonly low: PlanOutcome; readonly likely: PlanOutcome; readonly high: PlanOutcome } | undefined;
  /** What is not known, and how it can be given; empty where `outcome` is there. */
  readonly unknown: readonly string[];
  /** What the plan takes for granted. */
  readonly assumptions: readonly string[];
  /** All of it, for people. */
  toString(): string;
}

/** What of a flow matters here. */
export interface PlannableFlow extends ParameterizedFlow {
  readonly graph: Graph;
  readonly executor: Executor | undefined;
}

/** Plans runs of flows. */
export type FlowPlanner = (flow: PlannableFlow, options: PlanOptions) => Promise<FlowPlan>;

/** The arguments of `flow.plan`: options with parameters are a must where the flow has one without a default. */
export type PlanArguments<Params extends object> =
  Partial<Params> extends Params
    ? [options?: PlanOptions<Params>]
    : [options: PlanOptions<Params> & { readonly parameters: Params }];
