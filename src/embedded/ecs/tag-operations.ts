/** Tags of clusters, task definitions and tasks. */

import type { AwsOperation } from "../aws-json.ts";
import { readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { Clusters } from "./clusters.ts";
import { invalidParameter } from "./ecs-errors.ts";
import { checkTagCount, describeTags, readTags } from "./tags.ts";
import type { TaskDefinitions } from "./task-definitions.ts";
import type { TaskTable } from "./task-table.ts";

export interface TaggedParts {
  readonly clusters: Clusters;
  readonly definitions: TaskDefinitions;
  readonly tasks: TaskTable;
}

export function tagOperations(parts: TaggedParts): Readonly<Record<string, AwsOperation>> {
  return {
    ListTagsForResource: (input) => ({ tags: describeTags(tagsOf(input, parts)) }),
    TagResource: (input) => {
      const tags = tagsOf(input, parts);
      const given = readTags(input);
      checkTagCount(new Map([...tags, ...given]));
      for (const [key, value] of given) tags.set(key, value);
      return {};
    },
    UntagResource: (input) => {
      const tags = tagsOf(input, parts);
      for (const key of readTexts(input, "tagKeys") ?? []) tags.delete(key);
      return {};
    },
  };
}

function tagsOf(input: JsonObject, parts: TaggedParts): Map<string, string> {
  const arn = readText(input, "resourceArn") ?? "";
  const resource =
    /^arn:aws:ecs:[^:]*:[^:]*:(cluster|task-definition|task)\//.exec(arn)?.[1] === undefined
      ? undefined
      : find(arn, parts);
  if (resource === undefined) throw invalidParameter("The specified resource was not found.");
  return resource.tags;
}

function find(arn: string, parts: TaggedParts): { readonly tags: Map<string, string> } | undefined {
  if (arn.includes(":cluster/")) return parts.clusters.find(arn);
  return arn.includes(":task/") ? parts.tasks.find(arn)?.plan : parts.definitions.find(arn);
}
