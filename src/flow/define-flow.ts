import type { z } from "zod";
import { InvalidOptionError } from "../base/errors.ts";
import { withBuilder } from "./active-builder.ts";
import { callSite } from "./call-site.ts";
import { FLOW_HANDLER_OPTIONS, resolveFlowHandlers } from "./flow-handlers.ts";
import type { FlowBlueprint } from "./flow.ts";
import type { FlowOptions } from "./flow-options.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { plainInputOf } from "./inputs.ts";
import { refuseUnknownOptions } from "./known-options.ts";
import { preview } from "./preview.ts";
import { refusePromise } from "./refuse-promise.ts";
import { addSchemaParameters } from "./schema-parameters.ts";

const FLOW_OPTIONS = ["parameters", "executor", "schedule", "referenceTasks", ...FLOW_HANDLER_OPTIONS];

interface OptionsWithParameters extends FlowOptions {
  readonly parameters?: z.ZodObject | undefined;
}

/** Runs the builder and checks what it made. The arguments are unknown: not everyone has a compiler. */
export function defineFlow(name: unknown, given: unknown, builder: unknown): FlowBlueprint {
  checkName(name);
  refuseUnknownOptions(`flow "${name}"`, given, FLOW_OPTIONS);
  if (typeof builder !== "function") {
    throw new InvalidOptionError(
      `the builder of flow "${name}" must be a function, got ${preview(builder)}: flow(name, options?, builder)`,
    );
  }
  const { parameters, executor, schedule, referenceTasks } = given as OptionsWithParameters;
  const handlers = resolveFlowHandlers(`flow "${name}"`, given as FlowOptions);
  const scope = new GraphBuilder(name);
  const build = builder as (parameters: object) => unknown;
  const output = withBuilder(scope, () => {
    const returned = build(addSchemaParameters(scope, parameters));
    refusePromise(`the builder of flow "${name}"`, returned);
    return plainInputOf(returned, { scope, what: `the return value of flow "${name}"` });
  });
  scope.setOutput(output);
  scope.setReferences(referenceTasks ?? []);
  scope.finish();
  const declared = { schema: parameters, declared: scope.parameters };
  return { scope, parameters: declared, definedIn: callSite(), executor, schedule, handlers };
}

/** A flow without tasks. */
export function defineEmptyFlow(name: unknown, given: unknown): FlowBlueprint {
  checkName(name);
  refuseUnknownOptions(`flow "${name}"`, given, FLOW_OPTIONS);
  const { parameters, executor, schedule, referenceTasks = [] } = given as OptionsWithParameters;
  if (parameters !== undefined) throw parametersNeedBuilder(name);
  const handlers = resolveFlowHandlers(`flow "${name}"`, given as FlowOptions);
  const scope = new GraphBuilder(name);
  for (const task of referenceTasks) scope.ensure(task);
  scope.setReferences(referenceTasks);
  const declared = { schema: undefined, declared: scope.parameters };
  return { scope, parameters: declared, definedIn: callSite(), executor, schedule, handlers };
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== "string" || name === "") throw new InvalidOptionError("A name must be provided for the flow.");
}

function parametersNeedBuilder(flowName: string): InvalidOptionError {
  return new InvalidOptionError(
    `new Flow("${flowName}", …) takes no \`parameters\`, since nothing would be given their handles: ` +
      `make them with new Parameter(name), or define the flow with flow("${flowName}", { parameters }, builder)`,
  );
}
