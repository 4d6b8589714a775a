import { readObjects, readText } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { invalidParameter } from "./ecs-errors.ts";

const maxTags = 50;

/** Tags in ECS's form, `[{ key, value }]`, as a map. */
export function readTags(input: JsonObject, name = "tags"): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of readObjects(input, name) ?? []) {
    const key = readText(tag, "key") ?? "";
    const value = readText(tag, "value") ?? "";
    if (key.length < 1 || key.length > 128) throw invalidParameter("a tag's key must have 1 to 128 characters");
    if (value.length > 256) throw invalidParameter(`the value of tag ${key} must have at most 256 characters`);
    if (tags.has(key)) throw invalidParameter(`Duplicate tag key ${key}.`);
    tags.set(key, value);
  }
  checkTagCount(tags);
  return tags;
}

export function checkTagCount(tags: ReadonlyMap<string, string>): void {
  if (tags.size > maxTags) throw invalidParameter(`a resource may have at most ${maxTags} tags`);
}

export function describeTags(tags: ReadonlyMap<string, string>): readonly JsonObject[] {
  return [...tags].map(([key, value]) => ({ key, value }));
}
