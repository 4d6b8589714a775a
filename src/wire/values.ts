/**
 * Values as text: one value, one line. What structured clone carries travels (Date, Map, Set, BigInt, typed arrays,
 * undefined, NaN, cycles, Error with cause); decoding only builds data and never evaluates anything (I10).
 */
import { DevalueError, parse, stringify, unflatten } from "devalue";
import { CloudburstError } from "../base/errors.ts";
import { errorFields, errorFromFields, isErrorFields } from "./error-fields.ts";

/** A value that cannot travel; `data.path` says where inside the value the culprit is. */
export class UnsendableValueError extends CloudburstError {
  constructor(what: string, path: string, reason: string, cause?: unknown) {
    super(
      "unsendable_value",
      `${what} cannot travel between driver and worker: ${path === "" ? "it" : `\`${path}\` in it`} is ${reason} ` +
        `(return plain data: objects, arrays, Date, Map, Set, BigInt, typed arrays, Error)`,
      { cause, data: { path } },
    );
  }
}

/** How `undefined` is written. */
export const undefinedLine = "-1";

const reducers = {
  Error: (value: unknown): unknown => (value instanceof Error ? errorFields(value, canTravel) : false),
};

const revivers = {
  Error: (fields: unknown): unknown => {
    if (!isErrorFields(fields)) throw new CloudburstError("bad_value", "an encoded error lacks its fields");
    return errorFromFields(fields);
  },
};

/**
 * The line for `value`; it contains no line break. `what` names the value in the error, such as "the result of task inc[3]".
 * @throws UnsendableValueError for a function, a symbol, a class instance, a promise and the like
 */
export function encodeValue(value: unknown, what: string): string {
  const short = encodePrimitive(value);
  if (short !== undefined) return short;
  try {
    return stringify(value, reducers);
  } catch (error) {
    if (!(error instanceof DevalueError)) throw error;
    throw new UnsendableValueError(what, error.path.replace(/^\./, ""), describe(error.value), error);
  }
}

/** The value of one line. */
export function decodeValue(line: string): unknown {
  return parse(line, revivers);
}

/** The values of consecutive lines, by one JSON parse: several times faster than line by line. */
export function decodeLines(lines: readonly string[]): unknown[] {
  const parsed: unknown = JSON.parse(`[${lines.join(",")}]`);
  return asArray(parsed).map(decodeParsed);
}

function decodeParsed(parsed: unknown): unknown {
  if (Array.isArray(parsed) && parsed.length === 1) {
    const only: unknown = parsed[0];
    if (typeof only !== "object" || only === null) return only;
  }
  return unflatten(asFlattened(parsed), revivers);
}

/** The common cases, written exactly as the codec would, without its overhead. */
function encodePrimitive(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? `[${String(value)}]` : undefined;
    case "string":
      return `[${JSON.stringify(value)}]`;
    case "boolean":
      return value ? "[true]" : "[false]";
    default:
      return undefined;
  }
}

function canTravel(value: unknown): boolean {
  try {
    stringify(value, reducers);
    return true;
  } catch {
    return false; // any failure means the same here: this property stays behind
  }
}

function describe(culprit: unknown): string {
  if (typeof culprit === "function") return "a function";
  if (typeof culprit === "symbol") return "a symbol";
  if (culprit instanceof Promise) return "a promise (await it)";
  if (typeof culprit !== "object" || culprit === null) return `a ${typeof culprit}`;
  const maker: unknown = Reflect.get(culprit, "constructor");
  const name = typeof maker === "function" ? maker.name : "Object";
  return name === "Object" ? "an object with symbols or accessors" : `an instance of class ${name}`;
}

function asArray(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new CloudburstError("bad_value", "a line of values is not a list");
  return value;
}

function asFlattened(value: unknown): number | unknown[] {
  if (typeof value === "number" || Array.isArray(value)) return value;
  throw new CloudburstError("bad_value", "an encoded value is neither a list nor a number");
}
