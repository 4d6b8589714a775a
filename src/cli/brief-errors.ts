/** A result as it is printed: of errors only name and message, since what failed is told elsewhere in full. */
import { inspect, types } from "node:util";

export function formatResult(result: unknown): string {
  return inspect(withBriefErrors(result, new Map()), { depth: 6, maxArrayLength: 100 });
}

/** @param copies of what was met already: a result may hold itself */
function withBriefErrors(value: unknown, copies: Map<object, object>): unknown {
  if (types.isNativeError(value)) return brief(value);
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = Array.isArray(value) ? new Array<unknown>(value.length) : {};
  copies.set(value, copy);
  for (const [key, each] of Object.entries(value)) Reflect.set(copy, key, withBriefErrors(each, copies));
  return copy;
}

/** As `inspect` itself shows errors that are too deep. */
function brief({ name, message }: Error): object {
  return { [inspect.custom]: () => `[${name}: ${message}]` };
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
