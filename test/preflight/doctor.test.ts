import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRunQueues } from "../../src/cluster/run-queues.ts";
import { examine } from "../../src/cluster/preflight/doctor.ts";
import type { Finding } from "../../src/cluster/preflight/finding.ts";
import type { SeenRequest } from "../../src/embedded/cloud.ts";
import { MovedClock } from "../embedded/moved-clock.ts";
import { bucket, openAccount, outputs } from "./account.ts";
import type { Account, AccountOptions } from "./account.ts";

let account: Account;

beforeEach(async () => {
  account = await openAccount({ quotas: { "fargate/L-3032A538": 6, "fargate/L-36FBB829": 256 } });
});

afterEach(async () => {
  expect(account.cloud.requestCounts()["ecs"]?.["RunTask"]).toBeUndefined();
  const { QueueUrls = [] } = await account.clients.sqs.send(new ListQueuesCommand());
  const { Contents = [] } = await account.clients.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect([QueueUrls, Contents]).toEqual([[], []]); // whatever was tried out was removed again
  await account[Symbol.asyncDispose]();
});

async function findings(stack = "Cloudburst", of = account): Promise<readonly Finding[]> {
  const { aws, signal } = of.context();
  return await examine({ aws, stack, signal });
}

async function finding(check: string, options?: AccountOptions): Promise<Finding | undefined> {
  if (options === undefined) return (await findings()).find((found) => found.check === check);
  await using other = await openAccount(options);
  return (await findings("Cloudburst", other)).find((found) => found.check === check);
}

it("a new account is sound but for its quota, which has a link to the page where more can be asked for", async () => {
  const found = await findings();
  expect(found.map(({ check, status }) => `${check}: ${status}`)).toEqual([
    "region: ok",
    "credentials: ok",
    "stack: ok",
    "bucket: ok",
    "ECS cluster: ok",
    "queues: ok",
    "subnets: ok",
    "routes: ok",
    "image: warn", // acme/worker is on Docker Hub
    "leftovers: ok",
    "on-demand quota: warn",
    "Spot quota: ok",
  ]);
  expect(found[1]?.detail).toMatch(/^account 000000000000, arn:aws:sts::/);
  expect(found[10]?.detail).toMatch(/^6 vCPUs at once: 6 workers of 1 vCPU \(ask for more: https:.*L-3032A538\)$/);
});

it("without credentials nothing else is looked at", async () => {
  account.faults.refuse("sts:GetCallerIdentity", { kind: "expired-token" });
  const found = await findings();
  expect(found[1]).toMatchObject({ status: "fail", detail: expect.stringContaining("`aws sso login`") as string });
  expect(found.slice(2).every(({ status }) => status === "skipped")).toBe(true);
  expect(account.cloud.requestCounts()["cloudformation"]).toBeUndefined();
});

describe("the stack", () => {
  it("that is not there is told with the command that deploys it, and its parts are skipped", async () => {
    const found = await findings("Other");
    expect(found[2]).toMatchObject({
      status: "fail",
      detail:
        "the stack Other in us-east-1 does not exist (make it: npx cloudburst deploy Other; or name another one in `stack`, or another region)",
    });
    expect(found.slice(3, 10).map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => "skipped"));
  });

  it("that may not be asked for is told with action and resource", async () => {
    const resource = "arn:aws:cloudformation:us-east-1:000000000000:stack/Cloudburst/*";
    account.faults.refuse("cloudformation:DescribeStacks", { kind: "access-denied", resource });
    expect((await finding("stack"))?.detail).toContain(`may not do cloudformation:DescribeStacks on ${resource}`);
  });

  it.each([
    ["ROLLBACK_COMPLETE", "fail", /destroy Cloudburst, then npx cloudburst deploy Cloudburst/],
    ["UPDATE_ROLLBACK_COMPLETE", "warn", /its last change did not succeed/],
    ["UPDATE_IN_PROGRESS", "warn", /it is being changed/],
    ["UPDATE_COMPLETE", "ok", /is in UPDATE_COMPLETE/],
  ])("in %s is %s", async (status, expected, detail) => {
    const found = await finding("stack", { stacks: [{ name: "Cloudburst", status, outputs }] });
    expect(found).toMatchObject({ status: expected, detail: expect.stringMatching(detail) as string });
  });

  it("of somebody else is not ours", async () => {
    const found = await finding("stack", { stacks: [{ name: "Cloudburst", outputs: { Url: "https://…" } }] });
    expect(found?.detail).toMatch(/has no output CloudburstBucket, CloudburstEcsCluster/);
  });
});

describe("a part", () => {
  it.each([
    ["bucket", "s3:PutObject", /allow s3:PutObject/],
    ["bucket", "s3:GetObject", /allow s3:GetObject/],
    ["ECS cluster", "ecs:ListTasks", /may not do ecs:ListTasks on arn:x/],
    ["queues", "sqs:CreateQueue", /may not do sqs:CreateQueue on arn:x/],
    ["image", "ecs:DescribeTaskDefinition", /may not do ecs:DescribeTaskDefinition on arn:x/],
  ])("%s that may not be used fails alone", async (check, operation, detail) => {
    account.faults.refuse(operation, { kind: "access-denied", resource: "arn:x" });
    const found = await findings();
    expect(found.filter(({ status }) => status === "fail")).toEqual([
      { check, status: "fail", detail: expect.stringMatching(detail) as string },
    ]);
  });

  it("is missed when it was deleted behind the stack's back", async () => {
    const other = { ...outputs, CloudburstBucket: "gone" };
    const found = await finding("bucket", { stacks: [{ name: "Cloudburst", outputs: other }] });
    expect(found?.detail).toMatch(/the bucket gone .* does not exist \(deploy the stack again/);
  });

  it.each([
    [{ CloudburstAssignPublicIp: "DISABLED" }, "subnets", /needs a NAT gateway, or endpoints/],
    [{ CloudburstSubnets: "subnet-1" }, "subnets", /one availability zone/],
    [
      { CloudburstArchitecture: "X86_64" },
      "image",
      /task definition says ARM64, the output CloudburstArchitecture X86_64/,
    ],
  ])("with %j is warned of", async (changes, check, detail) => {
    const found = await finding(check, { stacks: [{ name: "Cloudburst", outputs: { ...outputs, ...changes } }] });
    expect(found).toMatchObject({ status: "warn", detail: expect.stringMatching(detail) as string });
  });
});

it("what it tries out is encrypted with the stack's key, as a run's objects and queues are", async () => {
  const key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const keys: unknown[] = [];
  const onRequest = ({ operation, request }: SeenRequest): void => {
    // What only asks S3 for the time is left to the bucket.
    if (operation === "PutObject" && request.path.includes("/runs/doctor"))
      keys.push(request.headers["x-amz-server-side-encryption-aws-kms-key-id"]);
    if (operation === "CreateQueue") keys.push(JSON.parse(request.body.toString()));
  };
  const stacks = [{ name: "Cloudburst", outputs: { ...outputs, CloudburstKmsKeyArn: key } }];
  expect(await finding("bucket", { stacks, onRequest })).toMatchObject({ status: "ok" });
  expect(keys).toHaveLength(2);
  expect(keys).toContain(key);
  expect(keys).toContainEqual(expect.objectContaining({ Attributes: { KmsMasterKeyId: key } }));
});

it.each([
  [{ CloudburstNetwork: "existing" }, "must lead to an internet gateway"],
  [{ CloudburstAssignPublicIp: "DISABLED" }, "must lead to a NAT gateway"],
])("with %j routes are not checked, and the command that shows them is told", async (changes, wayOut) => {
  const found = await finding("routes", { stacks: [{ name: "Cloudburst", outputs: { ...outputs, ...changes } }] });
  expect(found).toMatchObject({ status: "skipped", detail: expect.stringMatching(/^not checked: /) as string });
  expect(found?.detail).toContain(wayOut);
  expect(found?.command).toMatch(
    /^aws ec2 describe-route-tables --region us-east-1 .*\$\(aws ec2 describe-subnets --region us-east-1 --subnet-ids subnet-1 /,
  );
});

const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const describeImages =
  "aws ecr describe-images --region eu-west-1 --registry-id 123456789012 --repository-name team/worker --image-ids";

it.each([
  [`${ecr}/team/worker:3`, `${describeImages} imageTag=3`],
  [`${ecr}/team/worker@sha256:ab`, `${describeImages} imageDigest=sha256:ab`],
  ["ghcr.io/team/worker:3", "docker buildx imagetools inspect ghcr.io/team/worker:3"],
])(
  "whether the image %s is there is not checked, and the command that shows it is told",
  async (workerImage, command) => {
    const found = await finding("image", { workerImage });
    expect(found).toMatchObject({
      status: "skipped",
      detail: expect.stringMatching(/^not checked: /) as string,
      command,
    });
    expect(found?.detail).toContain(`${workerImage} must be there, for ARM64`);
  },
);

it("the image that the deployment has pushed is there", async () => {
  const workerImage = `${ecr}/cdk-hnb659fds-container-assets-123456789012-eu-west-1:abc`;
  const detail = `${workerImage} for ARM64, pushed when the stack was deployed`;
  expect(await finding("image", { workerImage })).toEqual({ check: "image", status: "ok", detail });
});

it("what killed drivers have left is told, and with the command that removes it; without the permission it is not checked", async () => {
  const clock = new MovedClock();
  await using other = await openAccount({ clock });
  await createRunQueues(other.clients.sqs, { runId: "killed", driver: 1, leaseMs: 10_000, bucket, tags: {} });
  const leftovers = async (): Promise<Finding | undefined> =>
    (await findings("Cloudburst", other)).find(({ check }) => check === "leftovers");
  expect((await leftovers())?.status).toBe("ok");
  clock.move(25 * 3_600_000);
  expect(await leftovers()).toEqual({
    check: "leftovers",
    status: "warn",
    detail: "2 queues and 0 workers of 1 runs whose drivers were killed (remove them: npx cloudburst cleanup)",
  });
  other.faults.refuse("sqs:ListQueues", { kind: "access-denied", resource: "arn:x" });
  expect(await leftovers()).toMatchObject({
    status: "skipped",
    detail: "not checked: needs sqs:ListQueues on arn:x",
  });
});

it("a quota that may not be read is a warning", async () => {
  account.faults.refuse("servicequotas:GetServiceQuota", { kind: "access-denied", resource: "arn:quota" });
  const found = await finding("Spot quota");
  expect(found).toMatchObject({ status: "warn", detail: expect.stringContaining("on arn:quota") as string });
});

it("an examination that is cancelled rejects with the signal's reason", async () => {
  const { aws } = account.context();
  const reason = new Error("enough");
  await expect(examine({ aws, stack: "Cloudburst", signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
