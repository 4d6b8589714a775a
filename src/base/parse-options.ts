import type { z } from "zod";
import { InvalidOptionError } from "./errors.ts";

/**
 * Checks options against their schema.
 * @throws InvalidOptionError that names each option that is wrong, with its value and what is allowed
 */
export function parseOptions<T>(what: string, schema: z.ZodType<T>, given: unknown): T {
  // Without `reportInput`: what is thrown may be logged, and options hold credentials.
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describe(issue, schema, given));
  throw new InvalidOptionError(`${what}: ${problems.join("; ")}`, { issues: parsed.error.issues });
}

function describe(issue: z.core.$ZodIssue, schema: z.core.$ZodType, given: unknown): string {
  const place = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => `\`${place === "" ? key : `${place}.${key}`}\``);
    return `unknown option ${names.join(", ")}${allowedNames(schema, issue.path)}`;
  }
  const value = valueAt(given, issue.path);
  return `${place === "" ? "the options" : `\`${place}\``}: ${issue.message}, got ${shown(value)}`;
}

/** What an object of the schema may have instead, where that can be told. */
function allowedNames(schema: z.core.$ZodType, path: readonly PropertyKey[]): string {
  const shape = shapeOf(path.reduce<z.core.$ZodType | undefined>((at, key) => shapeOf(at)?.[String(key)], schema));
  return shape === undefined ? "" : ` (allowed are ${Object.keys(shape).join(", ")})`;
}

function shapeOf(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType>> | undefined {
  const definition = schema?._zod.def;
  if (definition === undefined) return undefined;
  if ("innerType" in definition) return shapeOf(definition.innerType as z.core.$ZodType); // optional, nullable
  return "shape" in definition ? (definition.shape as Readonly<Record<string, z.core.$ZodType>>) : undefined;
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    given,
  );
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
