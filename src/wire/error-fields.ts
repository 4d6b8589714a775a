/** What travels of an error: name, message, stack, cause, and own properties as far as they are data. */
import { userStack } from "./user-stack.ts";

export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly hasCause: boolean;
  readonly cause: unknown;
  readonly own: Readonly<Record<string, unknown>>;
}

const carried = new Set(["name", "message", "stack", "cause"]);

/** Properties for which `canTravel` is false stay behind, so that an odd property never hides the error itself. */
export function errorFields(error: Error, canTravel: (value: unknown) => boolean): ErrorFields {
  const own: Record<string, unknown> = {};
  for (const key of ownKeys(error)) {
    const value: unknown = Reflect.get(error, key);
    if (canTravel(value)) own[key] = value;
  }
  const cause = error.cause;
  const causeTravels = cause !== undefined && canTravel(cause);
  return {
    name: error.name,
    message: error.message,
    stack: error.stack === undefined ? undefined : userStack(error.stack),
    hasCause: cause !== undefined,
    cause: causeTravels || cause === undefined ? cause : `a cause of type ${typeof cause} that cannot travel`,
    own,
  };
}

const builtIn: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((type) => [type.name, type]),
);

/** An error of the same built-in class where there is one, else an `Error` with the name it had. */
export function errorFromFields(fields: ErrorFields): Error {
  const type = builtIn.get(fields.name) ?? Error;
  const error = fields.hasCause ? new type(fields.message, { cause: fields.cause }) : new type(fields.message);
  if (error.name !== fields.name) define(error, "name", fields.name);
  define(error, "stack", fields.stack ?? `${fields.name}: ${fields.message}`);
  for (const [key, value] of Object.entries(fields.own)) {
    if (key !== "__proto__")
      Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

export function isErrorFields(value: unknown): value is ErrorFields {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && typeof value.name === "string" && "message" in value && typeof value.message === "string";
}

function ownKeys(error: Error): string[] {
  const keys = Object.keys(error).filter((key) => !carried.has(key));
  // An AggregateError keeps its errors in a property that is not enumerable.
  return Object.hasOwn(error, "errors") && !keys.includes("errors") ? [...keys, "errors"] : keys;
}

function define(error: Error, key: "name" | "stack", value: string): void {
  Object.defineProperty(error, key, { value, enumerable: false, configurable: true, writable: true });
}
