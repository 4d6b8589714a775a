/** Readers for the members of an AwsJson request: `undefined` when absent, an AWS error when of another type. */

import { AwsError } from "./aws-error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

function wrongType(name: string, expected: string, value: unknown): AwsError {
  const got = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  return new AwsError("SerializationException", `${name} must be ${expected}, got ${got}`, { modelled: false });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Array.isArray` makes `any[]` of unknown. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function readText(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(name, "a string", value);
  return value;
}

export function readInteger(input: JsonObject, name: string): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(name, "an integer", value);
  return value;
}

export function readBoolean(input: JsonObject, name: string): boolean | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw wrongType(name, "a boolean", value);
  return value;
}

export function readObject(input: JsonObject, name: string): JsonObject | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongType(name, "an object", value);
  return value;
}

export function readList(input: JsonObject, name: string): readonly unknown[] | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!isList(value)) throw wrongType(name, "a list", value);
  return value;
}

export function readTexts(input: JsonObject, name: string): readonly string[] | undefined {
  return readList(input, name)?.map((item) => {
    if (typeof item !== "string") throw wrongType(`each item of ${name}`, "a string", item);
    return item;
  });
}

export function readObjects(input: JsonObject, name: string): readonly JsonObject[] | undefined {
  return readList(input, name)?.map((item) => {
    if (!isObject(item)) throw wrongType(`each item of ${name}`, "an object", item);
    return item;
  });
}

/** A map of strings, as tags and queue attributes are. */
export function readTextMap(input: JsonObject, name: string): ReadonlyMap<string, string> {
  const entries = Object.entries(readObject(input, name) ?? {});
  return new Map(
    entries.map(([key, value]) => {
      if (typeof value !== "string") throw wrongType(`${name}.${key}`, "a string", value);
      return [key, value];
    }),
  );
}
