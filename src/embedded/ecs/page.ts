import { readInteger, readText } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { invalidParameter } from "./ecs-errors.ts";

const maxPageSize = 100;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/** The page of a list that `maxResults` and `nextToken` ask for; the token is the last id of the page before. */
export function readPage<T>(input: JsonObject, all: readonly T[], idOf: (item: T) => string): Page<T> {
  const size = readInteger(input, "maxResults") ?? maxPageSize;
  if (size < 1 || size > maxPageSize) {
    throw invalidParameter(`maxResults must be between 1 and ${maxPageSize}, got ${size}`);
  }
  const token = readText(input, "nextToken");
  const from = token === undefined ? 0 : all.findIndex((item) => idOf(item) === token) + 1;
  if (token !== undefined && from === 0) throw invalidParameter("Invalid token.");
  const items = all.slice(from, from + size);
  const last = items.at(-1);
  return { items, nextToken: from + size < all.length && last !== undefined ? idOf(last) : undefined };
}
