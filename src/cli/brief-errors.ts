/** A result as it is printed: of errors only name and message, since what failed is told elsewhere in full. */
import { inspect, types } from "node:util";

export function formatResult(result: unknown): string {
  return inspect(withBriefErrors(result), { depth: 6, maxArrayLength: 100 });
}

function withBriefErrors(value: unknown): unknown {
  if (types.isNativeError(value)) return brief(value);
  if (Array.isArray(value)) return value.map(withBriefErrors);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withBriefErrors(each)]));
}

/** As `inspect` itself shows errors that are too deep. */
function brief({ name, message }: Error): object {
  return { [inspect.custom]: () => `[${name}: ${message}]` };
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
