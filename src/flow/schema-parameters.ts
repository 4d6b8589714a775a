import type { z } from "zod";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import type { Handle } from "./handle.ts";
import { preview } from "./preview.ts";

/** What a builder gets: a handle for each parameter of the flow. */
export type ParameterHandles<S extends z.ZodObject> = {
  readonly [K in keyof z.output<S>]-?: Handle<z.output<S>[K]>;
};

/** Makes a parameter node for each key of the schema, and the object of handles that the builder gets. */
export function addSchemaParameters(builder: GraphBuilder, schema: z.ZodObject | undefined): object {
  const handles: Record<string, Handle<unknown>> = {};
  for (const [name, field] of Object.entries(shapeOf(builder.flowName, schema))) {
    const declared = { required: !acceptsNothing(field), default: undefined, schema: field };
    handles[name] = builder.addParameter(name, declared);
  }
  return refusingUnknownKeys(builder.flowName, handles);
}

function shapeOf(flowName: string, schema: unknown): Readonly<Record<string, z.ZodType>> {
  if (schema === undefined) return {};
  if (typeof schema === "object" && schema !== null && "shape" in schema && "safeParse" in schema) {
    return schema.shape as Readonly<Record<string, z.ZodType>>;
  }
  throw new InvalidOptionError(
    `parameters of flow "${flowName}" must be a z.object({ … }) of zod 4 (npm install zod@4), got ${preview(schema)}`,
  );
}

/** True for an optional parameter and for one with a default. A schema that must wait for a promise counts as required. */
function acceptsNothing(schema: z.ZodType): boolean {
  try {
    return schema.safeParse(undefined).success;
  } catch {
    return false;
  }
}

function refusingUnknownKeys(flowName: string, handles: Readonly<Record<string, Handle<unknown>>>): object {
  return new Proxy(handles, {
    get: (target, key) => {
      if (typeof key === "symbol" || Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown;
      const names = Object.keys(target);
      throw new CloudburstError(
        "unknown_parameter",
        `flow "${flowName}" has no parameter "${key}": ${names.length === 0 ? "it has none" : `known are ${names.join(", ")}`}` +
          `; declare it with flow(name, { parameters: z.object({ ${key}: … }) }, builder)`,
      );
    },
  });
}
