/** Operations on task definitions. */

import type { AwsOperation } from "../aws-json.ts";
import { readText, readTexts } from "../json-input.ts";
import { clientException, invalidParameter } from "./ecs-errors.ts";
import { readPage } from "./page.ts";
import { describeTags, readTags } from "./tags.ts";
import { describeDefinition, parseDefinition } from "./task-definition.ts";
import type { TaskDefinitions } from "./task-definitions.ts";

/** Of one request. */
const maxDeleted = 10;

export function definitionOperations(definitions: TaskDefinitions): Readonly<Record<string, AwsOperation>> {
  return {
    RegisterTaskDefinition: (input) => {
      const definition = definitions.register(parseDefinition(input), readTags(input));
      return { taskDefinition: describeDefinition(definition), tags: describeTags(definition.tags) };
    },
    DescribeTaskDefinition: (input) => {
      const definition = definitions.find(readText(input, "taskDefinition") ?? "");
      if (definition === undefined) throw clientException("Unable to describe task definition.");
      const withTags = (readTexts(input, "include") ?? []).includes("TAGS");
      return {
        taskDefinition: describeDefinition(definition),
        ...(withTags ? { tags: describeTags(definition.tags) } : {}),
      };
    },
    DeregisterTaskDefinition: (input) => ({
      taskDefinition: describeDefinition(definitions.deregister(readText(input, "taskDefinition") ?? "")),
    }),
    DeleteTaskDefinitions: (input) => {
      const references = readTexts(input, "taskDefinitions") ?? [];
      if (references.length < 1 || references.length > maxDeleted) {
        throw invalidParameter(`taskDefinitions must name 1 to ${maxDeleted} revisions, got ${references.length}`);
      }
      const deleted = references.map((reference) => describeDefinition(definitions.delete(reference)));
      return { taskDefinitions: deleted, failures: [] };
    },
    ListTaskDefinitionFamilies: (input) => {
      const status = readText(input, "status") ?? "ACTIVE";
      const page = readPage(input, definitions.families(readText(input, "familyPrefix") ?? "", status), (name) => name);
      return { families: page.items, ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }) };
    },
    ListTaskDefinitions: (input) => {
      const status = readText(input, "status") ?? "ACTIVE";
      if (status !== "ACTIVE" && status !== "INACTIVE") throw invalidParameter(`Invalid status: ${status}.`);
      const listed = definitions.list(readText(input, "familyPrefix") ?? "", status);
      const ordered = readText(input, "sort") === "DESC" ? listed.toReversed() : listed;
      const page = readPage(input, ordered, (definition) => definition.arn);
      return {
        taskDefinitionArns: page.items.map((definition) => definition.arn),
        ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
      };
    },
  };
}
