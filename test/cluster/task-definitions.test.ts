/** When a task definition is registered, and what it says (docs/decisions/0011-task-definitions.md). */
import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveAwsSettings } from "../../src/cluster/aws-options.ts";
import { closeClusterClients } from "../../src/cluster/cluster-clients.ts";
import type { FargateClusterOptions } from "../../src/cluster/fargate-options.ts";
import { parseFargateOptions } from "../../src/cluster/fargate-schema.ts";
import { prepareCluster } from "../../src/cluster/prepare-cluster.ts";
import { ensureDefinition } from "../../src/cluster/task-definition.ts";
import { launchOverrides, type WorkerPlan } from "../../src/cluster/worker-plan.ts";
import { type Account, family, openAccount, outputs } from "../preflight/account.ts";

let account: Account;
beforeEach(async () => {
  account = await openAccount();
});
afterEach(async () => {
  await account[Symbol.asyncDispose]();
});

async function plan(given: FargateClusterOptions): Promise<WorkerPlan> {
  const { endpoint, region, credentials } = account.cloud;
  const options = parseFargateOptions({ endpoint, region, credentials, ...given });
  const prepared = await prepareCluster(options, resolveAwsSettings(options), new AbortController().signal);
  closeClusterClients(prepared.clients);
  return prepared.plan;
}

async function ensured(given: FargateClusterOptions): Promise<string> {
  const planned = await plan(given);
  return planned.kind === "existing"
    ? planned.arn
    : await ensureDefinition(account.clients.ecs, "Cloudburst-", planned.content);
}

async function registered(): Promise<readonly string[]> {
  const { taskDefinitionArns = [] } = await account.clients.ecs.send(new ListTaskDefinitionsCommand({}));
  return taskDefinitionArns.map((arn) => arn.split("/").at(-1) ?? "");
}

async function describeArn(arn: string): Promise<TaskDefinition> {
  const { taskDefinition } = await account.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
  if (taskDefinition === undefined) throw new Error(`no definition ${arn}`);
  return taskDefinition;
}

const secrets = { TOKEN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:token" };

describe("the stack's own task definition", () => {
  it.each<[string, FargateClusterOptions]>([
    ["nothing is said", {}],
    [
      "size, disk, variables, roles and command change",
      {
        cpu: 4096,
        ephemeralStorageGiB: 30,
        environment: { A: "1" },
        taskRoleArn: "arn:aws:iam::000000000000:role/mine",
        command: ["--x"],
      },
    ],
    ["image and architecture are its own", { image: outputs.CloudburstImage, architecture: "ARM64" }],
  ])("serves when %s", async (_what, options) => {
    expect(await ensured(options)).toMatch(new RegExp(`/${family}:1$`));
    expect(await registered()).toEqual([`${family}:1`]);
  });

  it("decides about the size where the options do not", async () => {
    await account.clients.ecs.send(
      new RegisterTaskDefinitionCommand({ ...fargate, family, cpu: "4096", memory: "10240" }),
    );
    expect((await plan({})).size).toEqual({ cpu: 4096, memoryMiB: 10_240 });
    expect((await plan({ memory: 20_480 })).size).toEqual({ cpu: 4096, memoryMiB: 20_480 });
    await expect(plan({ memory: 4096 })).rejects.toThrow(/cpu 4096 with memory 4096 is not a size that Fargate has/);
  });

  it("has its container's own limit moved with the task's", async () => {
    await account.clients.ecs.send(new RegisterTaskDefinitionCommand({ ...fargate, family, ...limited(2048) }));
    expect((await plan({ memory: 8192 })).container).toMatchObject({ name: "worker", memory: 8192 });
    expect((await plan({})).container.memory).toBeUndefined();
  });

  it("that is gone is told with what to do", async () => {
    await account.clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: `${family}:1` }));
    await expect(plan({})).rejects.toThrow(`there is no active task definition ${family} (deploy the stack again`);
  });
});

const container = { name: "worker", image: "acme/worker:1", essential: true };
const fargate = {
  requiresCompatibilities: ["FARGATE" as const],
  networkMode: "awsvpc" as const,
  cpu: "1024",
  memory: "2048",
  containerDefinitions: [container],
};
const limited = (memory: number) => ({ containerDefinitions: [{ ...container, memory }] });

describe("a definition of the run's own", () => {
  it.each<[string, FargateClusterOptions]>([
    ["another image", { image: "acme/other:1" }],
    ["secrets", { secrets }],
    ["volumes", { volumes: [{ name: "models", containerPath: "/models", efs: { fileSystemId: "fs-1" } }] }],
    ["another log group", { logGroup: "other-logs" }],
    ["another user", { user: "1001" }],
    ["a root that can be written", { readOnlyRoot: false }],
    ["another prefix of log streams", { logStreamPrefix: "mine" }],
    ["variables that are too long for a launch", { environment: { LONG: "x".repeat(6500) } }],
  ])("is registered for %s, and once only", async (_what, options) => {
    const arn = await ensured(options);
    expect(arn).toMatch(/\/Cloudburst-worker-[0-9a-f]{16}:1$/);
    expect(await ensured(options)).toBe(arn);
    expect(await registered()).toHaveLength(2);
  });

  it("is another one when anything in it changes", async () => {
    const images = [{ image: "a:1" }, { image: "a:2" }, { image: "a:1", cpu: 2048 }, { image: "a:1", secrets }];
    const arns = await Promise.all(images.map(ensured));
    expect(new Set(arns).size).toBe(4);
  });

  it("is the same whatever the order in which variables and secrets are named", async () => {
    const [one, other] = [
      "arn:aws:ssm:us-east-1:000000000000:parameter/a",
      "arn:aws:ssm:us-east-1:000000000000:parameter/b",
    ];
    expect(await ensured({ secrets: { A: one ?? "", B: other ?? "" } })).toBe(
      await ensured({ secrets: { B: other ?? "", A: one ?? "" } }),
    );
  });

  it("is registered anew when somebody deregistered it", async () => {
    const arn = await ensured({ image: "a:1" });
    await account.clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
    expect(await ensured({ image: "a:1" })).toBe(arn.replace(/:1$/, ":2"));
  });

  it("is as strict as the stack's, and has its roles and its log", async () => {
    const definition = await describeArn(
      await ensured({
        image: "acme/other:1",
        cpu: 2048,
        ephemeralStorageGiB: 40,
        secrets,
        volumes: [
          {
            name: "models",
            containerPath: "/models",
            readOnly: true,
            efs: { fileSystemId: "fs-1", accessPointId: "fsap-1", iam: true },
          },
          { name: "scratch", containerPath: "/scratch" },
        ],
      }),
    );
    expect(definition).toMatchObject({
      networkMode: "awsvpc",
      cpu: "2048",
      memory: "4096",
      ephemeralStorage: { sizeInGiB: 40 },
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      taskRoleArn: outputs.CloudburstWorkerRoleArn,
      executionRoleArn: outputs.CloudburstExecutionRoleArn,
      volumes: [
        { name: "tmp" },
        {
          name: "models",
          efsVolumeConfiguration: {
            fileSystemId: "fs-1",
            transitEncryption: "ENABLED",
            authorizationConfig: { accessPointId: "fsap-1", iam: "ENABLED" },
          },
        },
        { name: "scratch" },
      ],
    });
    expect(definition.containerDefinitions).toMatchObject([
      {
        name: "worker",
        image: "acme/other:1",
        essential: true,
        user: "1000:1000",
        readonlyRootFilesystem: true,
        stopTimeout: 120,
        linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
        secrets: [{ name: "TOKEN", valueFrom: secrets.TOKEN }],
        mountPoints: [
          { sourceVolume: "tmp", containerPath: "/tmp", readOnly: false },
          { sourceVolume: "models", containerPath: "/models", readOnly: true },
          { sourceVolume: "scratch", containerPath: "/scratch", readOnly: false },
        ],
        logConfiguration: {
          logDriver: "awslogs",
          options: {
            "awslogs-group": "Cloudburst-logs",
            "awslogs-region": "us-east-1",
            "awslogs-stream-prefix": "worker",
            mode: "non-blocking",
          },
        },
      },
    ]);
  });
});

describe("an existing task definition that is named", () => {
  it("is run as it is, by family, revision or ARN", async () => {
    const { ecs } = account.clients;
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        ...fargate,
        family: "mine",
        containerDefinitions: [{ ...container, name: "main" }],
      }),
    );
    await ecs.send(new RegisterTaskDefinitionCommand({ ...fargate, family: "mine", memory: "4096" }));
    expect(await ensured({ taskDefinition: "mine" })).toMatch(/mine:2$/);
    expect(await ensured({ taskDefinition: "mine:1" })).toMatch(/mine:1$/);
    expect(await ensured({ taskDefinition: await ensured({ taskDefinition: "mine:1" }) })).toMatch(/mine:1$/);
    expect((await plan({ taskDefinition: "mine:1" })).container.name).toBe("main");
    expect((await plan({ taskDefinition: "mine" })).size.memoryMiB).toBe(4096);
  });

  it("with several containers must say which is the worker", async () => {
    const containerDefinitions = [
      { ...container, name: "main" },
      { ...container, name: "proxy" },
    ];
    await account.clients.ecs.send(
      new RegisterTaskDefinitionCommand({ ...fargate, family: "two", containerDefinitions }),
    );
    await expect(plan({ taskDefinition: "two" })).rejects.toThrow(
      /has no container worker \(set `containerName` to one of: main, proxy\)/,
    );
    expect((await plan({ taskDefinition: "two", containerName: "proxy" })).container.name).toBe("proxy");
  });

  it("that does not exist is told", async () => {
    await expect(plan({ taskDefinition: "mine:7" })).rejects.toThrow(/there is no active task definition mine:7 \(/);
  });

  it("takes only as many variables as a launch does", async () => {
    await expect(plan({ taskDefinition: family, environment: { LONG: "x".repeat(6500) } })).rejects.toThrow(
      /`environment` is too long to travel beside a task definition of your own/,
    );
  });
});

describe("what a launch says of the definition", () => {
  it("stays within the 8,192 characters that RunTask takes, or is refused before", async () => {
    const planned = await plan({ environment: { LONG: "x".repeat(6100) } });
    const queue = `https://sqs.ap-southeast-2.amazonaws.com/123456789012/cloudburst-${"x".repeat(26)}-tasks`;
    const variables = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`CLOUDBURST_VARIABLE_${n}`, queue]));
    expect(JSON.stringify(launchOverrides(planned, variables)).length).toBeLessThanOrEqual(8192);
    const commanding = await plan({ command: ["y".repeat(9000)] });
    expect(() => launchOverrides(commanding, variables)).toThrow(/have \d+ characters, and RunTask takes 8192/);
  });
});
