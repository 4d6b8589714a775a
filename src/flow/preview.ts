import { inspect } from "node:util";

const PREVIEW_LENGTH = 80;

/** A value as it may stand in an error message: one short line. */
export function preview(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 5, maxStringLength: PREVIEW_LENGTH });
  return text.length <= PREVIEW_LENGTH ? text : `${text.slice(0, PREVIEW_LENGTH)}…`;
}

/** What a value is, in one word: `null`, `number`, `Date`, … */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return "Object";
  const made: unknown = value.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "Object";
}
