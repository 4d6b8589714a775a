import type { z } from "zod";
import { InvalidOptionError } from "../base/errors.ts";
import type { DeclaredParameter, FlowParameters } from "./flow-parameters.ts";
import { preview } from "./preview.ts";

/** What of a flow matters here. */
export interface ParameterizedFlow {
  readonly name: string;
  readonly parameters: FlowParameters;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The value of every parameter of the flow, checked, with defaults and what the schemas make of them.
 *
 * @throws {InvalidOptionError} for a missing, an unknown or a wrong value.
 */
export function validateParameters(flow: ParameterizedFlow, given: unknown = {}): Values {
  const values = asValues(flow, given);
  refuseUnknown(flow, values);
  refuseMissing(flow, values);
  return { ...parseDeclared(flow, values), ...parseObject(flow, values) };
}

function asValues(flow: ParameterizedFlow, given: unknown): Values {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Values;
  throw new InvalidOptionError(`parameters of flow "${flow.name}" must be an object, got ${preview(given)}`);
}

function refuseUnknown({ name, parameters }: ParameterizedFlow, values: Values): void {
  const unexpected = Object.keys(values).filter((key) => !parameters.declared.has(key));
  if (unexpected.length === 0) return;
  const known = [...parameters.declared.keys()];
  throw new InvalidOptionError(
    `Flow.run received the following unexpected parameters: ${unexpected.join(", ")} ` +
      `(flow "${name}" has ${known.length === 0 ? "none" : known.join(", ")})`,
    { unexpected, known },
  );
}

function refuseMissing({ name, parameters }: ParameterizedFlow, values: Values): void {
  const required = [...parameters.declared].filter(([, declared]) => declared.required).map(([key]) => key);
  const missing = required.filter((key) => values[key] === undefined);
  const [first] = missing;
  if (first === undefined) return;
  throw new InvalidOptionError(
    `Flow.run did not receive the following required parameters: ${missing.join(", ")} ` +
      `(flow "${name}": give them as run({ parameters: { ${first}: … } }))`,
    { missing },
  );
}

/** Parameters of `Parameter(…)`, each on its own. */
function parseDeclared(flow: ParameterizedFlow, values: Values): Values {
  const ofSchema = flow.parameters.schema?.shape ?? {};
  const own = [...flow.parameters.declared].filter(([name]) => !Object.hasOwn(ofSchema, name));
  return Object.fromEntries(own.map(([name, declared]) => [name, parseOne(flow, name, declared, values[name])]));
}

function parseOne(flow: ParameterizedFlow, name: string, declared: DeclaredParameter, given: unknown): unknown {
  const value = given === undefined ? declared.default : given;
  if (declared.schema === undefined || value === undefined) return value;
  return parse(flow, declared.schema, value, [name]);
}

/** Parameters of the flow's zod object, together, so that refinements across them are asked as well. */
function parseObject(flow: ParameterizedFlow, values: Values): Values {
  const { schema } = flow.parameters;
  if (schema === undefined) return {};
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(schema.shape, name)));
  return parse(flow, schema, own, []) as Values;
}

function parse(flow: ParameterizedFlow, schema: z.ZodType, value: unknown, path: readonly string[]): unknown {
  const result = safeParse(flow, schema, value);
  if (result.success) return result.data;
  const complaints = result.error.issues.map((issue) => complaint([...path, ...issue.path], value, path.length, issue));
  throw new InvalidOptionError(`parameters of flow "${flow.name}" are not valid: ${complaints.join("; ")}`, {
    issues: result.error.issues,
  });
}

function safeParse(flow: ParameterizedFlow, schema: z.ZodType, value: unknown): z.ZodSafeParseResult<unknown> {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    // zod says so when a refinement or a transform returns a promise; a user's own transform may throw as well.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidOptionError(`parameters of flow "${flow.name}" could not be checked: ${why}`);
  }
}

/** `n is "many": Invalid input: expected number, received string` */
function complaint(path: readonly PropertyKey[], value: unknown, skip: number, issue: z.core.$ZodIssue): string {
  if (path.length === 0) return issue.message;
  const found = path.slice(skip).reduce<unknown>((part, key) => propertyOf(part, key), value);
  return `${path.map(String).join(".")} is ${preview(found)}: ${issue.message}`;
}

function propertyOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, key) as unknown) : undefined;
}
