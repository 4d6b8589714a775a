import type { z } from "zod";
import { CloudburstError } from "../base/errors.ts";
import { defineEmptyFlow, defineFlow } from "./define-flow.ts";
import type { FlowDrawer } from "./flow-diagram.ts";
import type { FlowPlanner } from "./flow-plan.ts";
import type { FlowOptions } from "./flow-options.ts";
import { Flow, type FlowRunner, type UntypedParameters } from "./flow.ts";
import type { Resolved } from "./resolved.ts";
import type { ParameterHandles } from "./schema-parameters.ts";

/** Makes flows: `flow(name, builder)` and `flow(name, options, builder)`. */
export interface FlowFactory {
  /**
   * A flow with typed parameters. The builder runs at once and must not be async: it gets a handle for each
   * parameter, calls tasks, and returns what becomes `state.result`.
   *
   * @throws {CloudburstError} for what makes no graph; the message says how to mend it.
   * @throws {InvalidOptionError} for a missing name and for unknown or wrong options.
   */
  <S extends z.ZodObject, const R>(
    name: string,
    options: FlowOptions & { readonly parameters: S },
    builder: (parameters: ParameterHandles<S>) => R,
  ): Flow<z.input<S>, Resolved<R>>;
  <const R>(
    name: string,
    options: FlowOptions & { readonly parameters?: undefined },
    builder: () => R,
  ): Flow<UntypedParameters, Resolved<R>>;
  <const R>(name: string, builder: () => R): Flow<UntypedParameters, Resolved<R>>;
}

/** Makes `flow`, with `run` as what its flows are run by, `draw` as what draws them, `plan` as what plans them. */
export function createFlowFactory(
  run: FlowRunner,
  draw: FlowDrawer = refuseToDraw,
  plan: FlowPlanner = refuseToPlan,
): FlowFactory {
  const flow = (name: string, ...rest: readonly unknown[]): Flow<object, unknown> => {
    const [options, builder] = rest.length < 2 ? [{}, rest[0]] : rest;
    return new Flow(defineFlow(name, options, builder), run, draw, plan);
  };
  return flow;
}

function refuseToDraw(): never {
  throw new CloudburstError("cannot_draw", "flows of this factory cannot be drawn: give createFlowFactory a drawer");
}

function refuseToPlan(): never {
  throw new CloudburstError("cannot_plan", "flows of this factory cannot be planned: give createFlowFactory a planner");
}

/** What `new Flow(name, options)` is. */
export interface FlowClass {
  /** @throws {InvalidOptionError} for a missing name and for unknown or wrong options. */
  new (name: string, options?: FlowOptions): Flow<UntypedParameters, unknown>;
  readonly prototype: Flow<object, unknown>;
}

/** As `createFlowFactory`, for the class `Flow`. What `flow(…)` makes are instances of it as well. */
export function createFlowClass(
  run: FlowRunner,
  draw: FlowDrawer = refuseToDraw,
  plan: FlowPlanner = refuseToPlan,
): FlowClass {
  function construct(name: unknown, options: unknown = {}): object {
    return Reflect.construct(Flow, [defineEmptyFlow(name, options), run, draw, plan], new.target ?? Flow) as object;
  }
  construct.prototype = Flow.prototype;
  return construct as unknown as FlowClass;
}
