import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import { contextNames } from "../../infra/stack-settings.ts";
import { listed, statementsOf } from "./policy.ts";
import { synthesize } from "./synthesize.ts";

const text = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
const missingFrom = (page: string, names: readonly string[]): string[] =>
  names.filter((name) => !page.includes(`\`${name}\``));

test("infra/README.md explains every context value and every output", () => {
  const page = text("infra/README.md");
  expect(missingFrom(page, contextNames)).toEqual([]);
  expect(missingFrom(page, Object.values(stackOutputs))).toEqual([]);
});

test("docs/security.md names every action that a role has, and no other", () => {
  const page = text("docs/security.md");
  const template = synthesize({
    kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    secrets:
      "arn:aws:ssm:eu-central-1:123456789012:parameter/a,arn:aws:secretsmanager:eu-central-1:123456789012:secret:b",
  });
  const actions = (["worker", "execution", "driver"] as const).flatMap((identity) =>
    statementsOf(template, identity).flatMap(({ Action }) => listed(Action)),
  );
  const named = [
    ...page.matchAll(/`((?:cloudformation|ecr|ecs|iam|kms|logs|s3|secretsmanager|servicequotas|sqs|ssm):\w+)`/g),
  ];
  expect([...new Set(named.map((match) => match[1]))].sort()).toEqual([...new Set(actions)].sort());
});
