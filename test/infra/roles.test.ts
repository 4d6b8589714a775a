import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleKey, inputKey, packKey, runLeaseKey } from "../../src/wire/keys.ts";
import { allows, type Identity, listed, role, type Statement, statementsOf } from "./policy.ts";
import { patienceMs, resourcesOf, synthesize } from "./synthesize.ts";

let template: Template;
let worker: readonly Statement[];
let execution: readonly Statement[];
let driver: readonly Statement[];
beforeAll(() => {
  template = synthesize();
  worker = statementsOf(template, "worker");
  execution = statementsOf(template, "execution");
  driver = statementsOf(template, "driver");
}, patienceMs);

const runId = "m3k9x0q7";
const object = (key: string): string => `arn:aws:s3:::the-bucket/${key}`;
const queue = (name: string): string => `arn:aws:sqs:eu-central-1:123456789012:${name}`;
const ecs = (resource: string): string => `arn:aws:ecs:eu-central-1:123456789012:${resource}`;
const inCluster = { "ecs:cluster": ecs("cluster/Cloudburst") };
const elsewhere = { "ecs:cluster": ecs("cluster/other") };
const tasks = queue(`cloudburst-${runId}-tasks`);
const notices = queue(`cloudburst-${runId}-notices`);
const shared = queue("the-shared-queue");
const pack = object(packKey(runId, "inc", [{ start: 0, end: 10 }]));
const input = object(inputKey(runId, "0".repeat(64)));
const lease = object(runLeaseKey(runId));
const bundle = object(bundleKey("0".repeat(64)));

describe("every policy", () => {
  const all: Identity[] = ["worker", "execution", "driver"];

  test("names each action, without a star", () => {
    for (const identity of all) {
      for (const { Action } of statementsOf(template, identity)) {
        for (const action of listed(Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
      }
    }
  });

  test("has a star for the resource only where IAM knows no narrower one", () => {
    const open = all.flatMap((identity) =>
      statementsOf(template, identity)
        .filter(({ Resource }) => listed(Resource).includes("*"))
        .flatMap(({ Action }) => listed(Action)),
    );
    expect(open.sort()).toEqual([
      "ecr:GetAuthorizationToken",
      "ecs:DescribeTaskDefinition",
      "ecs:ListTasks",
      "sqs:ListQueues",
    ]);
  });

  test("ends a resource with a star only behind a prefix of Cloudburst's own", () => {
    const patterns = all
      .flatMap((identity) => statementsOf(template, identity).flatMap(({ Resource }) => listed(Resource)))
      .filter((resource) => resource !== "*" && resource.includes("*"));
    expect([...new Set(patterns)].sort()).toEqual(
      [
        queue("cloudburst-*-notices"),
        queue("cloudburst-*-tasks"),
        object("code/*"),
        object("runs/*"),
        object("runs/*/out/*"),
        ecs("task-definition/Cloudburst-*"),
        ecs("task/Cloudburst/*"),
        "arn:aws:cloudformation:eu-central-1:123456789012:stack/Cloudburst/*",
        "arn:aws:logs:eu-central-1:123456789012:log-group:the-log-group:*",
      ].sort(),
    );
  });

  test("allows only, and says in one word for each statement what for", () => {
    for (const identity of all) {
      const statements = statementsOf(template, identity);
      expect(statements.map(({ Effect }) => Effect)).toEqual(statements.map(() => "Allow"));
      expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    }
  });

  test("is small enough for IAM", () => {
    expect(JSON.stringify(driver).length).toBeLessThan(6_144);
    expect(JSON.stringify(worker).length).toBeLessThan(10_240);
  });

  test("stands in the role itself, so that a worker never starts before its permissions", () => {
    expect(resourcesOf(template, "AWS::IAM::Policy")).toEqual([]);
  });
});

describe("a worker", () => {
  test("takes chunks of runs and of the shared queue", () => {
    for (const from of [tasks, shared]) {
      for (const action of ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"]) {
        expect(allows(worker, `sqs:${action}`, from)).toBe(true);
      }
    }
  });

  test("sends notices, and neither chunks nor to queues of others", () => {
    expect(allows(worker, "sqs:SendMessage", notices)).toBe(true);
    for (const to of [tasks, shared, queue("payments")]) expect(allows(worker, "sqs:SendMessage", to)).toBe(false);
  });

  test("reads bundles, inputs, packs and leases, and writes packs alone", () => {
    for (const key of [bundle, input, pack, lease]) expect(allows(worker, "s3:GetObject", key)).toBe(true);
    expect(allows(worker, "s3:PutObject", pack)).toBe(true);
    expect(allows(worker, "s3:AbortMultipartUpload", pack)).toBe(true);
    for (const key of [bundle, input, lease]) expect(allows(worker, "s3:PutObject", key)).toBe(false);
  });

  test("can tell a missing object from a denied one", () => {
    expect(allows(worker, "s3:ListBucket", "arn:aws:s3:::the-bucket")).toBe(true); // GetObject brings no prefix
  });

  test("can delete no object, start nothing, lend no role and see no other task", () => {
    expect(worker.flatMap(({ Action }) => listed(Action)).sort()).toEqual([
      "ecs:GetTaskProtection",
      "ecs:UpdateTaskProtection",
      "s3:AbortMultipartUpload",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]);
  });

  test("protects tasks of this cluster from scale-in, and of no other", () => {
    const task = ecs("task/Cloudburst/0123");
    expect(allows(worker, "ecs:UpdateTaskProtection", task, inCluster)).toBe(true);
    expect(allows(worker, "ecs:UpdateTaskProtection", ecs("task/other/0123"), elsewhere)).toBe(false);
  });

  test("is trusted for tasks of this account and region only", () => {
    expect(role(template, "worker")["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [
        {
          Action: "sts:AssumeRole",
          Principal: { Service: "ecs-tasks.amazonaws.com" },
          Condition: {
            StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
            ArnLike: { "aws:SourceArn": expect.anything() as unknown },
          },
        },
      ],
    });
  });
});

describe("Fargate's agent", () => {
  const repository = "arn:aws:ecr:eu-central-1:123456789012:repository/";

  test("pulls the stack's image and writes its log, and nothing else", () => {
    const assets = `${repository}cdk-hnb659fds-container-assets-123456789012-eu-central-1`;
    expect(execution.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([
      ["WriteLog", "arn:aws:logs:eu-central-1:123456789012:log-group:the-log-group:*"],
      ["RegistryToken", "*"],
      ["PullImage", assets],
    ]);
  });

  test("needs no registry's permission for a public image", () => {
    const statements = statementsOf(synthesize({ image: "public.ecr.aws/acme/worker:1" }), "execution");
    expect(statements.map(({ Sid }) => Sid)).toEqual(["WriteLog"]);
  });

  test("pulls an image of ECR from its own repository, and flows' images from those that are named", () => {
    const image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/worker:2";
    const statements = statementsOf(synthesize({ image, imageRepositories: "flows/a, flows/b" }), "execution");
    expect(statements.find(({ Sid }) => Sid === "PullImage")?.Resource).toEqual([
      "arn:aws:ecr:us-east-1:111122223333:repository/team/worker",
      `${repository}flows/a`,
      `${repository}flows/b`,
    ]);
  });

  test("reads the secrets that are named, each by its own service's action", () => {
    const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";
    const parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/token";
    const statements = statementsOf(synthesize({ secrets: `${secret},${parameter}` }), "execution");
    expect(allows(statements, "secretsmanager:GetSecretValue", secret)).toBe(true);
    expect(allows(statements, "ssm:GetParameters", parameter)).toBe(true);
    expect(allows(statements, "secretsmanager:GetSecretValue", `${secret}2`)).toBe(false);
  });
});

describe("a driver", () => {
  const definition = ecs("task-definition/Cloudburst-worker:3");

  test("registers and starts workers of this cluster, and no other cluster's or definition's", () => {
    expect(allows(driver, "ecs:RegisterTaskDefinition", ecs("task-definition/Cloudburst-a1b2"))).toBe(true);
    expect(allows(driver, "ecs:RunTask", definition, inCluster)).toBe(true);
    expect(allows(driver, "ecs:RunTask", definition, elsewhere)).toBe(false);
    expect(allows(driver, "ecs:RunTask", ecs("task-definition/payments:1"), inCluster)).toBe(false);
  });

  test("starts no worker that can be entered by a shell", () => {
    const exec = (value: string) => ({ ...inCluster, "ecs:enable-execute-command": value });
    expect(allows(driver, "ecs:RunTask", definition, exec("false"))).toBe(true);
    expect(allows(driver, "ecs:RunTask", definition, exec("true"))).toBe(false);
  });

  test("watches and stops tasks of this cluster", () => {
    for (const action of ["ecs:DescribeTasks", "ecs:StopTask"]) {
      expect(allows(driver, action, ecs("task/Cloudburst/0123"), inCluster)).toBe(true);
      expect(allows(driver, action, ecs("task/other/0123"), elsewhere)).toBe(false);
    }
    expect(allows(driver, "ecs:ListTasks", "*", inCluster)).toBe(true);
    expect(allows(driver, "ecs:ListTasks", "*", elsewhere)).toBe(false);
  });

  test("tags what it creates, and nothing that exists", () => {
    const task = ecs("task/Cloudburst/0123");
    expect(allows(driver, "ecs:TagResource", task, { "ecs:CreateAction": "RunTask" })).toBe(true);
    expect(allows(driver, "ecs:TagResource", definition, { "ecs:CreateAction": "RunTask" })).toBe(false);
    expect(allows(driver, "ecs:TagResource", task)).toBe(false);
  });

  test("lends the two roles of workers, to ECS tasks only", () => {
    const lend = (name: string, service: string): boolean =>
      allows(driver, "iam:PassRole", `arn:aws:iam::123456789012:role/${name}`, { "iam:PassedToService": service });
    expect(lend("the-worker-role", "ecs-tasks.amazonaws.com")).toBe(true);
    expect(lend("the-execution-role", "ecs-tasks.amazonaws.com")).toBe(true);
    expect(lend("the-worker-role", "lambda.amazonaws.com")).toBe(false);
    expect(lend("Administrator", "ecs-tasks.amazonaws.com")).toBe(false);
  });

  test("makes and removes the queues of runs, sends chunks and hears notices", () => {
    const both = ["CreateQueue", "DeleteQueue", "GetQueueUrl", "TagQueue", "ListQueueTags", "GetQueueAttributes"];
    const [sending, hearing] = [["SendMessage"], ["ReceiveMessage", "DeleteMessage"]];
    const may = (action: string, of: string): boolean => allows(driver, `sqs:${action}`, of);
    for (const action of both) expect([may(action, tasks), may(action, notices)]).toEqual([true, true]);
    for (const action of sending) expect([may(action, tasks), may(action, notices)]).toEqual([true, false]);
    for (const action of hearing) expect([may(action, tasks), may(action, notices)]).toEqual([false, true]);
    for (const action of [...both, ...sending, ...hearing]) expect(may(action, queue("payments"))).toBe(false);
  });

  test("adds to the shared queue and counts it, but can neither take from it, purge nor delete it", () => {
    const may = driver
      .flatMap(({ Action }) => listed(Action))
      .filter((action) => action.startsWith("sqs:") && allows(driver, action, shared));
    expect([...new Set(may)].sort()).toEqual(["sqs:GetQueueAttributes", "sqs:ListQueues", "sqs:SendMessage"]); // listing knows no single queue
  });

  test("keeps objects of runs, ships code, and lists the one bucket", () => {
    for (const key of [input, pack, lease]) {
      for (const action of ["GetObject", "PutObject", "DeleteObject"]) {
        expect(allows(driver, `s3:${action}`, key)).toBe(true);
      }
    }
    const code = ["GetObject", "PutObject", "DeleteObject"].filter((action) => allows(driver, `s3:${action}`, bundle));
    expect(code).toEqual(["PutObject"]);
    expect(allows(driver, "s3:GetObject", object("other/secret"))).toBe(false);
    expect(allows(driver, "s3:ListBucket", "arn:aws:s3:::the-bucket")).toBe(true); // GetObject brings no prefix
    expect(allows(driver, "s3:ListBucket", "arn:aws:s3:::another")).toBe(false);
  });

  test("finds the stack, and reads the two limits of vCPUs", () => {
    const stack = "arn:aws:cloudformation:eu-central-1:123456789012:stack/Cloudburst/7f";
    expect(allows(driver, "cloudformation:DescribeStacks", stack)).toBe(true);
    expect(allows(driver, "cloudformation:DescribeStacks", stack.replace("Cloudburst", "Payroll"))).toBe(false);
    for (const code of ["L-3032A538", "L-36FBB829"]) {
      const quota = `arn:aws:servicequotas:eu-central-1:123456789012:fargate/${code}`;
      expect(allows(driver, "servicequotas:GetServiceQuota", quota)).toBe(true);
    }
  });

  test("has a role with the same policy that identities of this account may assume for twelve hours", () => {
    template.hasResourceProperties("AWS::IAM::Role", {
      ManagedPolicyArns: [{ Ref: Match.stringLikeRegexp("DriverPolicy") }],
      MaxSessionDuration: 12 * 60 * 60,
    });
    template.hasResourceProperties("AWS::IAM::ManagedPolicy", { Users: Match.absent(), Groups: Match.absent() });
  });
});
