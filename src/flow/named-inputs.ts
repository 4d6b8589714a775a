import { parameterNames } from "./parameter-names.ts";

type Body = (...args: never[]) => unknown;

/**
 * The arguments of a call by name: by the properties where the body takes one plain object, else by what the body calls
 * its parameters, or by their position where that has no name.
 */
export function namedInputs(body: Body, args: readonly unknown[]): Readonly<Record<string, unknown>> {
  const names = parameterNames(body);
  const entries = args.map((value, index) => [names[index] ?? String(index), value] as const);
  const [only] = args;
  const properties = args.length === 1 && isPlainObject(only) ? only : {};
  return { ...properties, ...Object.fromEntries(entries) };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
