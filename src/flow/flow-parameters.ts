import type { z } from "zod";

/** One parameter of a flow. */
export interface DeclaredParameter {
  /** A run without a value for it is refused. */
  readonly required: boolean;
  /** What stands for it when no value is given; made by the schema for the flow's zod parameters. */
  readonly default: unknown;
  /** Checks, and perhaps changes, the value given. */
  readonly schema: z.ZodType | undefined;
}

/** All parameters of a flow. */
export interface FlowParameters {
  /** Those of the flow's `parameters` option, checked as a whole. */
  readonly schema: z.ZodObject | undefined;
  /** By name: those of the schema first, then those of `Parameter(…)`. */
  readonly declared: ReadonlyMap<string, DeclaredParameter>;
}
