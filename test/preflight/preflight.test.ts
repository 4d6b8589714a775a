import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awsTrouble } from "../../src/cluster/preflight/aws-trouble.ts";
import { preflight } from "../../src/cluster/preflight/preflight.ts";
import { openClusterClients, closeClusterClients } from "../../src/cluster/cluster-clients.ts";
import { openAccount, place } from "./account.ts";
import type { Account } from "./account.ts";

let account: Account;

beforeEach(async () => {
  account = await openAccount();
});

afterEach(async () => {
  const { ecs = {}, sqs = {} } = account.cloud.requestCounts();
  expect([ecs["RunTask"], sqs["CreateQueue"]]).toEqual([undefined, undefined]); // nothing was started or made
  await account[Symbol.asyncDispose]();
});

it("a sound account passes with three requests, and the report says how many workers fit", async () => {
  const before = account.cloud.requestCounts();
  expect(await preflight(account.context())).toEqual({ maximum: 6, warnings: [] });
  const after = account.cloud.requestCounts();
  const requests = (counts: typeof after): number =>
    Object.values(counts)
      .flatMap((operations) => Object.values(operations))
      .reduce((sum, count) => sum + count, 0);
  expect(requests(after) - requests(before)).toBe(3);
});

describe("credentials", () => {
  it("that are missing are told with the ways to give some", async () => {
    const none = async (): Promise<never> => {
      throw Object.assign(new Error("Could not load credentials from any providers"), {
        name: "CredentialsProviderError",
      });
    };
    const context = account.context();
    const aws = { ...context.aws, credentials: none };
    const clients = openClusterClients(aws, context.counter);
    await expect(preflight({ ...context, aws, clients })).rejects.toMatchObject({
      code: "no_credentials",
      message: expect.stringMatching(
        /no AWS credentials were found \(sign in with `aws sso login`.*AWS_PROFILE/,
      ) as string,
    });
    closeClusterClients(clients);
  });

  it("of a session that has expired are told with how to renew it", async () => {
    for (const operation of ["s3:ListObjectsV2", "ecs:ListTasks", "servicequotas:GetServiceQuota"]) {
      account.faults.refuse(operation, { kind: "expired-token" });
    }
    await expect(preflight(account.context())).rejects.toMatchObject({
      code: "session_expired",
      message: expect.stringMatching(/the AWS session has expired \(renew it: `aws sso login`/) as string,
    });
  });

  it("that only one service finds expired stop the run as well", async () => {
    account.faults.refuse("servicequotas:GetServiceQuota", { kind: "expired-token" });
    await expect(preflight(account.context())).rejects.toMatchObject({ code: "session_expired" });
  });

  it("that AWS does not know are told as such", async () => {
    account.faults.refuse("s3:ListObjectsV2", { kind: "unknown-key" });
    await expect(preflight(account.context())).rejects.toMatchObject({
      code: "credentials_rejected",
      message: expect.stringMatching(
        /does not accept these credentials \(InvalidAccessKeyId; check AWS_PROFILE/,
      ) as string,
    });
  });
});

describe("a missing permission", () => {
  it.each([
    ["s3:ListObjectsV2", "s3:ListBucket", `arn:aws:s3:::${place.bucket}`],
    ["ecs:ListTasks", "ecs:ListTasks", "arn:aws:ecs:us-east-1:000000000000:container-instance/Cloudburst/*"],
  ])(
    "for %s is told with action and resource, and with the policy that has it",
    async (operation, action, resource) => {
      account.faults.refuse(operation, { kind: "access-denied", action, resource });
      await expect(preflight(account.context())).rejects.toMatchObject({
        code: "access_denied",
        data: { action, resource },
        message: expect.stringMatching(
          new RegExp(
            `may not do ${action} on ${resource.replaceAll("*", "[*]")} \\(attach .*CloudburstDriverPolicyArn`,
          ),
        ) as string,
      });
    },
  );

  it("to read quotas stops nothing, and says what is missing when it is AWS that refuses", async () => {
    account.faults.refuse("servicequotas:GetServiceQuota", { kind: "access-denied", resource: "arn:quota" });
    expect(await preflight(account.context())).toEqual({ maximum: undefined, warnings: [] });
    const { aws } = account.context();
    const endpoints = { serviceQuotas: account.cloud.endpoint };
    const onAws = account.context({ aws: { ...aws, endpoint: undefined, endpoints } });
    const { warnings } = await preflight(onAws);
    expect(warnings).toEqual([expect.stringContaining("servicequotas:GetServiceQuota on arn:quota")]);
  });

  it.each([
    ["an explicit deny", "with an explicit deny in a service control policy", "service control policy"],
    ["a boundary", "because no permissions boundary allows the ecs:RunTask action", "permissions boundary"],
  ])("that %s takes away is no matter of attaching a policy", (_name, because, what) => {
    const message = `User: u is not authorized to perform: ecs:RunTask on resource: r ${because}`;
    const error = Object.assign(new Error(message), { name: "AccessDeniedException" });
    const attempt = { doing: "start workers", action: "ecs:RunTask", resource: "?" };
    expect(awsTrouble(error, attempt).message).toContain(`the ${what} of the account forbids it`);
  });

  it("has the name that policies have for it where SQS tells it in lower case, and ours where AWS names nothing", () => {
    const attempt = { doing: "make a queue", action: "sqs:CreateQueue", resource: "the queue q" };
    const named = (message: string) => awsTrouble(Object.assign(new Error(message), { name: "AccessDenied" }), attempt);
    const lower =
      "User: u is not authorized to perform: sqs:createqueue on resource: arn:q because no identity-based policy allows the sqs:createqueue action";
    expect(named(lower).data).toMatchObject({ action: "sqs:CreateQueue", resource: "arn:q" });
    expect(named("Access Denied").data).toMatchObject({ action: "sqs:CreateQueue", resource: "the queue q" });
  });

  it("to lend a role is told as that, though RunTask was called", () => {
    const message =
      "User: u is not authorized to perform: iam:PassRole on resource: arn:role because no identity-based policy allows the iam:PassRole action";
    const error = Object.assign(new Error(message), { name: "AccessDeniedException" });
    const trouble = awsTrouble(error, { doing: "start workers", action: "ecs:RunTask", resource: "?" });
    expect(trouble.data).toMatchObject({ action: "iam:PassRole", resource: "arn:role" });
  });
});

describe("a place that is gone", () => {
  it("is told by the bucket, with the command that makes it again", async () => {
    const context = account.context({ place: { ...place, bucket: "other" } });
    await expect(preflight(context)).rejects.toThrow(
      "the bucket other of the stack Cloudburst in us-east-1 does not exist (deploy the stack again: npx cloudburst deploy Cloudburst)",
    );
  });

  it("is told by the ECS cluster, whose name is to be checked when no stack told it", async () => {
    const context = account.context({ place: { ...place, stack: undefined, ecsCluster: "Other" } });
    await expect(preflight(context)).rejects.toThrow(/the ECS cluster Other .* \(check its name and region\)/);
  });
});

describe("the vCPU quota", () => {
  const mix = (spot: number, onDemand: number) => ({
    strategy: [
      { capacityProvider: "FARGATE_SPOT" as const, weight: spot },
      { capacityProvider: "FARGATE" as const, weight: onDemand },
    ],
    fallBack: false,
  });

  it("of a new account bounds the run, which says so with the page where more can be asked for", async () => {
    expect(await preflight(account.context({ workers: 20, cpu: 2048 }))).toEqual({
      maximum: 3,
      warnings: [
        '3 of the 20 workers of 2 vCPU fit what this account may run at once: "Fargate On-Demand vCPU resource count" is 6 in us-east-1; ' +
          "the run goes on with 3 (ask for more: " +
          "https://us-east-1.console.aws.amazon.com/servicequotas/home/services/fargate/quotas/L-3032A538)",
      ],
    });
  });

  it("that one worker alone exceeds ends the run, and names the largest size that fits", async () => {
    await expect(preflight(account.context({ workers: 2, cpu: 16_384 }))).rejects.toMatchObject({
      code: "vcpu_quota",
      data: { workers: 2, maximum: 0, vcpus: 6 },
      message: expect.stringMatching(
        /^a worker of 16 vCPU is more than .* \(set cpu to 4096 or less, or ask for more: https:/,
      ) as string,
    });
  });

  it("of Spot counts for workers on Spot", async () => {
    const capacity = { strategy: [{ capacityProvider: "FARGATE_SPOT" as const, weight: 1 }], fallBack: true };
    const { warnings } = await preflight(account.context({ workers: 7, capacity }));
    expect(warnings).toEqual([expect.stringMatching(/^6 of the 7 .*Fargate Spot vCPU.*L-36FBB829/)]);
  });

  it("of each kind bounds a mix by its share", async () => {
    expect((await preflight(account.context({ capacity: mix(1, 1) }))).maximum).toBe(12);
    expect((await preflight(account.context({ capacity: mix(3, 1) }))).maximum).toBe(8);
  });

  it("that Service Quotas does not know bounds nothing", async () => {
    await using bare = await openAccount({ quotas: {} });
    expect((await preflight(bare.context({ workers: 500 }))).maximum).toBeUndefined();
  });
});

it("the stack's own image is refused on another architecture than it was built for", async () => {
  await expect(preflight(account.context({ architecture: "X86_64" }))).rejects.toMatchObject({
    code: "wrong_architecture",
    message: expect.stringMatching(
      /architecture is X86_64, and the image of .* is built for ARM64 \(set architecture: "ARM64"/,
    ) as string,
  });
  const another = account.context({ architecture: "X86_64", image: "acme/other:1" });
  await expect(preflight(another)).resolves.toBeDefined();
});

it("a run that is cancelled meanwhile rejects with the signal's reason", async () => {
  const cancelled = new AbortController();
  const reason = new Error("changed my mind");
  const running = preflight(account.context({ signal: cancelled.signal }));
  cancelled.abort(reason);
  await expect(running).rejects.toBe(reason);
});
