import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { beforeAll, describe, expect, test } from "vitest";
import { CloudburstCluster } from "../../infra/cloudburst-cluster.ts";
import { InvalidOptionError } from "../../src/base/errors.ts";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import { allows, listed, statementsOf } from "./policy.ts";
import { createApp, newApp, only, patienceMs, resourcesOf, synthesize } from "./synthesize.ts";

const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const outputOf = (template: Template): unknown =>
  (template.toJSON() as { Outputs: Record<string, { Value: unknown }> }).Outputs[stackOutputs.kmsKeyArn]?.Value;

describe("with a key of one's own", () => {
  let template: Template;
  beforeAll(() => {
    template = synthesize({ kmsKeyArn });
  }, patienceMs);

  test("the bucket encrypts with it, and asks KMS seldom", () => {
    expect(only(template, "AWS::S3::Bucket")["BucketEncryption"]).toEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: kmsKeyArn },
        },
      ],
    });
  });

  test("the shared queues encrypt with it", () => {
    const queues = resourcesOf(template, "AWS::SQS::Queue").map(({ Properties }) => Properties);
    expect(queues).toMatchObject([{ KmsMasterKeyId: kmsKeyArn }, { KmsMasterKeyId: kmsKeyArn }]);
    for (const queue of queues) expect(queue).not.toHaveProperty("SqsManagedSseEnabled");
  });

  test.each(["worker", "driver"] as const)(
    "the %s may use it through S3 and SQS of the region, not else",
    (identity) => {
      const statements = statementsOf(template, identity);
      const via = (service: string, action: string, key = kmsKeyArn): boolean =>
        allows(statements, action, key, { "kms:ViaService": `${service}.amazonaws.com` });
      for (const action of ["kms:GenerateDataKey", "kms:Decrypt"]) {
        expect([via("s3.eu-central-1", action), via("sqs.eu-central-1", action)]).toEqual([true, true]);
        expect([via("s3.us-east-1", action), via("secretsmanager.eu-central-1", action)]).toEqual([false, false]);
        expect(allows(statements, action, kmsKeyArn)).toBe(false); // asked of KMS itself
        expect(via("s3.eu-central-1", action, `${kmsKeyArn}0`)).toBe(false);
      }
      expect(actionsOf(template, identity)).toEqual(["kms:GenerateDataKey", "kms:Decrypt"]);
    },
  );

  test("Fargate's agent has nothing to do with it", () => {
    expect(actionsOf(template, "execution")).toEqual([]);
  });

  test("drivers are told of it", () => {
    expect(outputOf(template)).toBe(kmsKeyArn);
  });

  test("no key is made, and what holds data keeps its id: a stack that is there is changed in place", () => {
    expect(resourcesOf(template, "AWS::KMS::Key")).toEqual([]);
    const ids = (of: Template) => resourcesOf(of).map(({ id }) => id);
    expect(ids(template)).toEqual(ids(synthesize()));
  });
});

test("without one nobody may use any key, and drivers are told of none", () => {
  const template = synthesize();
  expect((["worker", "execution", "driver"] as const).flatMap((identity) => actionsOf(template, identity))).toEqual([]);
  expect(outputOf(template)).toBeUndefined();
});

test("temporary clusters alone have it too", () => {
  const template = synthesize({ kmsKeyArn, shared: "false" });
  expect(actionsOf(template, "worker")).toEqual(["kms:GenerateDataKey", "kms:Decrypt"]);
  expect(outputOf(template)).toBe(kmsKeyArn);
});

test("a key that an app makes itself stays under the policy that the app gives it", () => {
  const platform = (act: (stack: Stack, key: Key) => void): Template => {
    const stack = new Stack(newApp(), "Platform");
    act(stack, new Key(stack, "Key"));
    return Template.fromStack(stack);
  };
  const image = { uri: "public.ecr.aws/acme/worker:1" };
  const alone = platform(() => undefined);
  const used = platform((stack, encryptionKey) => new CloudburstCluster(stack, "Burst", { image, encryptionKey }));
  expect(only(used, "AWS::KMS::Key")).toEqual(only(alone, "AWS::KMS::Key"));
  expect(outputOf(used)).toEqual({ "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] });
});

test.each(["alias/flows", "1234abcd-12ab-34cd-56ef-1234567890ab", kmsKeyArn.replace("key/", "alias/")])(
  "%s is refused: IAM takes no key but by its ARN",
  (wrong) => {
    const attempt = () => createApp({ kmsKeyArn: wrong });
    expect(attempt).toThrow(InvalidOptionError);
    expect(attempt).toThrow("`kmsKeyArn`: must be the ARN of a key, not an alias");
  },
);

function actionsOf(template: Template, identity: "worker" | "execution" | "driver"): readonly string[] {
  return statementsOf(template, identity)
    .flatMap(({ Action }) => listed(Action))
    .filter((action) => action.startsWith("kms:"));
}
