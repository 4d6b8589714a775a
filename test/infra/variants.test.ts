import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, test } from "vitest";
import { CloudburstCluster } from "../../infra/cloudburst-cluster.ts";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import { InvalidOptionError } from "../../src/base/errors.ts";
import { createApp, newApp, only, resourcesOf, synthesize } from "./synthesize.ts";

const image = "public.ecr.aws/acme/worker:1";
const vpc = { vpcId: "vpc-0123456789abcdef0", subnetIds: "subnet-0123456789abcdef0,subnet-0fedcba9876543210" };
const outputsOf = (template: Template): Record<string, { Value: unknown }> =>
  (template.toJSON() as { Outputs: Record<string, { Value: unknown }> }).Outputs;
const definitions = (template: Template) =>
  resourcesOf(template, "AWS::ECS::TaskDefinition").map(({ Properties }) => Properties);

describe("an image by context", () => {
  test("is what both task definitions run, and nothing is built", () => {
    const { app } = createApp({ image });
    const assembly = app.synth();
    expect(JSON.stringify(assembly.getStackByName("Cloudburst").template)).not.toContain("container-assets");
    const images = definitions(synthesize({ image })).flatMap((definition) => definition["ContainerDefinitions"]);
    expect(images).toMatchObject([{ Image: image }, { Image: image }]);
  });

  test("needs no bootstrap stack when that is said", () => {
    const template = synthesize({ image, bootstrap: "false" }).toJSON() as { Parameters?: unknown; Rules?: unknown };
    expect(template).not.toHaveProperty("Parameters");
    expect(template).not.toHaveProperty("Rules");
  });
});

test("the image that is built is for the workers' architecture and holds the one worker file", () => {
  const arm = synthesize();
  const x86 = synthesize({ architecture: "X86_64" });
  expect(definitions(x86)).toMatchObject([
    { RuntimePlatform: { CpuArchitecture: "X86_64" } },
    { RuntimePlatform: { CpuArchitecture: "X86_64" } },
  ]);
  const imageOf = (template: Template) => outputsOf(template)[stackOutputs.image]?.Value;
  expect(imageOf(x86)).not.toEqual(imageOf(arm)); // the platform is part of the image's name
  expect(imageOf(synthesize({ baseImage: "cloudburst-base:local" }))).not.toEqual(imageOf(arm));
  expect(imageOf(Template.fromStack(createApp().stack))).toEqual(imageOf(arm));
});

describe("a network that exists", () => {
  test("is used as it is: nothing is added to it but the workers' security group", () => {
    const template = synthesize({ ...vpc, publicIp: "false" });
    const made = resourcesOf(template).filter(({ Type }) => Type.startsWith("AWS::EC2::"));
    expect(made.map(({ Type }) => Type)).toEqual(["AWS::EC2::SecurityGroup"]);
    expect(only(template, "AWS::EC2::SecurityGroup")["VpcId"]).toBe(vpc.vpcId);
    expect(only(template, "AWS::ECS::Service")["NetworkConfiguration"]).toMatchObject({
      AwsvpcConfiguration: { AssignPublicIp: "DISABLED", Subnets: vpc.subnetIds.split(",") },
    });
    expect(outputsOf(template)[stackOutputs.subnets]?.Value).toBe(vpc.subnetIds);
    expect(outputsOf(template)[stackOutputs.assignPublicIp]?.Value).toBe("DISABLED");
  });

  test("is not looked up, so that no credentials are asked for", () => {
    const { app } = createApp({ ...vpc, image });
    expect(app.synth().manifest.missing ?? []).toEqual([]);
  });
});

describe("the shared service", () => {
  test("can be left out, with everything that stands for it", () => {
    const template = synthesize({ shared: "false" });
    const types = resourcesOf(template).map(({ Type }) => Type);
    const gone = /SQS|CloudWatch|AutoScaling|ECS::Service/;
    expect(types.filter((type) => gone.test(type))).toEqual([]);
    expect(definitions(template).map(({ Family }) => Family)).toEqual(["Cloudburst-worker"]);
    expect(outputsOf(template)).not.toHaveProperty(stackOutputs.sharedQueueUrl);
    expect(JSON.stringify(resourcesOf(template, "AWS::IAM::Role"))).not.toContain("TaskProtection");
  });

  test("keeps as many workers as it is told, on Spot when it is told", () => {
    const template = synthesize({ sharedMinimum: "2", sharedMaximum: "50", sharedCapacityProvider: "FARGATE_SPOT" });
    expect(only(template, "AWS::ECS::Service")).toMatchObject({
      DesiredCount: 2,
      CapacityProviderStrategy: [{ CapacityProvider: "FARGATE_SPOT", Weight: 1 }],
    });
    expect(only(template, "AWS::ApplicationAutoScaling::ScalableTarget")).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 50,
    });
  });

  test("refuses a minimum above its maximum", () => {
    expect(() => synthesize({ sharedMinimum: "20" })).toThrow(/got 20 and 10/);
  });
});

test("a budget writes at 80 % of what was spent and at 100 % of what is foreseen", () => {
  const template = synthesize({ budgetUsd: "50", budgetEmail: "team@example.com" });
  expect(only(template, "AWS::Budgets::Budget")).toMatchObject({
    Budget: { BudgetType: "COST", TimeUnit: "MONTHLY", BudgetLimit: { Amount: 50, Unit: "USD" } },
    NotificationsWithSubscribers: [
      { Notification: { NotificationType: "ACTUAL", Threshold: 80 } },
      { Notification: { NotificationType: "FORECASTED", Threshold: 100 } },
    ],
  });
});

test("days of runs, code and logs are what context says", () => {
  const template = synthesize({ runDays: "2", codeDays: "3", logDays: "14" });
  expect(only(template, "AWS::S3::Bucket")["LifecycleConfiguration"]).toMatchObject({
    Rules: [{ ExpirationInDays: 2 }, { ExpirationInDays: 3 }, {}],
  });
  expect(only(template, "AWS::Logs::LogGroup")["RetentionInDays"]).toBe(14);
});

describe("sizes", () => {
  test.each([
    ["256", "512"],
    ["4096", "30720"],
    ["16384", "122880"],
    ["32768", "249856"],
  ])("%s CPU units go with %s MiB", (cpu, memory) => {
    const { app } = createApp({ image, cpu, memory });
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    ["256", "8192"],
    ["1000", "2048"],
    ["8192", "17408"],
  ])("%s CPU units do not go with %s MiB: refused before anything is deployed", (cpu, memory) => {
    expect(() => createApp({ image, cpu, memory }).app.synth()).toThrow();
  });
});

describe("wrong context", () => {
  test.each([
    [{ cpu: "many" }, "`cpu`"],
    [{ architecture: "arm" }, "`architecture`"],
    [{ logDays: "8" }, "`logDays`"],
    [{ shared: "perhaps" }, "`shared`: must be true or false, got perhaps"],
    [{ vpcId: vpc.vpcId }, "`vpcId` and `subnetIds` go together"],
    [{ ...vpc, subnetIds: "subnet-1" }, "must be an id like subnet-"],
    [{ budgetUsd: "10" }, "`budgetUsd` and `budgetEmail` go together"],
    [{ bootstrap: "false" }, "give `image` too"],
    [{ secrets: "my-secret" }, "must be ARNs"],
    [{ stackName: "my stack" }, "`stackName`"],
  ])("%j is named, with its value and what is allowed", (context, message) => {
    const attempt = () => createApp(context);
    expect(attempt).toThrow(InvalidOptionError);
    expect(attempt).toThrow(message);
  });
});

describe("in a team's own app", () => {
  test("the cluster stands in any stack, under a name of its own, and is told by the same outputs", () => {
    const stack = new Stack(newApp(), "Platform");
    new CloudburstCluster(stack, "Burst", {
      name: "batch",
      image: { uri: image },
      encryptionKey: new Key(stack, "Key"),
    });
    const template = Template.fromStack(stack);
    expect(only(template, "AWS::ECS::Cluster")["ClusterName"]).toBe("batch");
    expect(definitions(template).map(({ Family }) => Family)).toEqual(["batch-worker", "batch-shared"]);
    expect(Object.keys(outputsOf(template)).sort()).toEqual(Object.values(stackOutputs).sort());
    expect(JSON.stringify(resourcesOf(template, "AWS::IAM::ManagedPolicy"))).toContain("stack/Platform/*");
  });

  test("an image cannot be built without the worker file, and the error says how to make it", () => {
    const build = () =>
      new CloudburstCluster(new Stack(newApp(), "Platform"), "Burst", { image: { directory: "/none" } });
    expect(build).toThrow(InvalidOptionError);
    expect(build).toThrow(/dist\/worker\.mjs does not exist in \/none.*npm run build:worker.*-c image=/);
  });

  test("a name that ECS and IAM cannot agree on is refused", () => {
    const stack = new Stack(newApp(), "Platform");
    expect(() => new CloudburstCluster(stack, "Burst", { name: "my batch" })).toThrow(InvalidOptionError);
  });
});
