import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { synthesizeWith } from "./synthesize.ts";

const nag = (app: ConstructorParameters<typeof AwsSolutionsChecks>[0]) =>
  new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true });

const variants = {
  "as it is": {},
  "with every option": {
    image: "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/worker:2",
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: "subnet-0123456789abcdef0",
    budgetUsd: "10",
    budgetEmail: "team@example.com",
    secrets: "arn:aws:ssm:eu-central-1:123456789012:parameter/token",
    kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  },
  "without the shared service": { shared: "false" },
};

test.each(Object.entries(variants))("AwsSolutions finds nothing that is not acknowledged, %s", (_, context) => {
  expect(() => synthesizeWith(nag, context)).not.toThrow();
});

test("every acknowledgement gives its reason, and there are these", () => {
  const directory = synthesizeWith(nag);
  const template = JSON.parse(readFileSync(join(directory, "Cloudburst.template.json"), "utf8")) as {
    Resources: Record<string, { Metadata?: { cdk_nag?: { rules_to_suppress: { id: string; reason: string }[] } } }>;
  };
  const rules = Object.values(template.Resources)
    .flatMap(({ Metadata }) => Metadata?.cdk_nag?.rules_to_suppress ?? [])
    .filter(({ id }) => id.includes("AwsSolutions")); // CDK acknowledges a finding of its own
  const names = new Set(rules.map(({ id }) => id.replace(/^AwsSolutions::/, "").replace(/\[.*/, "")));
  expect([...names].sort()).toEqual([
    "AwsSolutions-ECS2",
    "AwsSolutions-ECS4",
    "AwsSolutions-IAM5",
    "AwsSolutions-S1",
    "AwsSolutions-VPC7",
  ]);
  for (const { reason } of rules) expect(reason.length).toBeGreaterThan(30);
});

test("a wildcard that nobody explained is found", () => {
  const attempt = () =>
    synthesizeWith((app, stack) => {
      stack.cluster.roles.worker.addToPolicy(new PolicyStatement({ actions: ["s3:*"], resources: ["*"] }));
      return new AwsSolutionsChecks(app);
    });
  expect(attempt).toThrow(/AwsSolutions-IAM5\[Action::s3:\*\]/);
});
