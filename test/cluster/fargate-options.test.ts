import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { resolveAwsSettings } from "../../src/cluster/aws-options.ts";
import { resolveCapacity } from "../../src/cluster/capacity-plan.ts";
import type { FargateClusterOptions } from "../../src/cluster/fargate-options.ts";
import { parseFargateOptions } from "../../src/cluster/fargate-schema.ts";
import { FargateCluster } from "../../src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "cloudburst-options-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Everything that can be said at once. */
const everything: FargateClusterOptions = {
  stack: "Cloudburst-2",
  bucket: "my-bucket",
  ecsCluster: "arn:aws:ecs:eu-west-1:123456789012:cluster/burst",
  subnets: ["subnet-0123456789abcdef0", "subnet-1"],
  securityGroups: ["sg-1"],
  assignPublicIp: false,
  taskRoleArn: "arn:aws:iam::123456789012:role/worker",
  executionRoleArn: "arn:aws-cn:iam::123456789012:role/execution",
  logGroup: "/cloudburst/workers",
  region: "us-gov-west-1",
  profile: "work",
  credentials: { accessKeyId: "AKIA", secretAccessKey: "secret", sessionToken: "token" },
  endpoint: "http://127.0.0.1:4566",
  endpoints: { s3: "https://s3.example" },
  security: { ca: "-----BEGIN CERTIFICATE-----" },
  cpu: 4096,
  memory: 8192,
  ephemeralStorageGiB: 100,
  image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker@sha256:0123",
  architecture: "ARM64",
  environment: { RATE: "3", AWS_ENDPOINT_URL: "http://10.0.0.1" },
  secrets: { TOKEN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-abc" },
  volumes: [
    { name: "scratch", containerPath: "/scratch" },
    { name: "models", containerPath: "/models", readOnly: true, efs: { fileSystemId: "fs-1", iam: true } },
  ],
  command: ["--verbose"],
  user: "1001:1001",
  readOnlyRoot: false,
  logStreamPrefix: "burst",
  containerName: "main",
  platformVersion: "1.4.0",
  nWorkers: 200,
  threadsPerWorker: 8,
  capacityProvider: { FARGATE: 1, FARGATE_SPOT: 3, fallBack: false },
  tags: { team: "climate", "cost centre": "42" },
  leaseMs: 60_000,
  watchMs: 10_000,
  driverGraceMs: 600_000,
  keepResults: true,
};

describe("the options of FargateCluster", () => {
  it("may all be given at once", () => {
    expect(parseFargateOptions(everything)).toEqual(everything);
  });

  it("may all be left out", () => {
    expect(parseFargateOptions({})).toEqual({});
  });

  it.each<[string, object, RegExp]>([
    ["an unknown name", { nworkers: 4 }, /FargateCluster: unknown option `nworkers`/],
    [
      "a pair that Fargate does not have",
      { cpu: 1024, memory: 1024 },
      /`memory`: cpu 1024 .*nearest: cpu 512 with memory 1024/,
    ],
    ["a cpu that Fargate does not have", { cpu: 1000 }, /`cpu`: must be 256, 512, 1024.*32768 CPU units.*got 1000/],
    [
      "a fraction of MiB",
      { memory: 2048.5 },
      /`memory`: the memory in MiB must be a whole number from 512 to 249856, got 2048.5/,
    ],
    ["no workers", { nWorkers: 0 }, /`nWorkers`: the number of workers must be a whole number from 1 to 5000, got 0/],
    ["too large a disk", { ephemeralStorageGiB: 201 }, /`ephemeralStorageGiB`: .* from 21 to 200, got 201/],
    ["another architecture", { architecture: "arm64" }, /`architecture`: must be ARM64 or X86_64, got arm64/],
    ["a bucket's URL", { bucket: "s3://mine" }, /`bucket`: must be the name of a bucket, without s3:/],
    [
      "a subnet's name",
      { subnets: ["public"] },
      /`subnets.0`: must be an id like subnet-0123456789abcdef0, got public/,
    ],
    ["17 subnets", { subnets: Array.from({ length: 17 }, (_, n) => `subnet-${n}`) }, /at most 16 subnets are allowed/],
    [
      "6 security groups",
      { securityGroups: Array.from({ length: 6 }, (_, n) => `sg-${n}`) },
      /at most 5 security groups/,
    ],
    ["no subnets", { subnets: [] }, /at least one of subnets is needed/],
    ["a role's name", { taskRoleArn: "worker" }, /`taskRoleArn`: must be an ARN of iam, got worker/],
    ["a secret's name", { secrets: { TOKEN: "token" } }, /`secrets.TOKEN`: must be an ARN of secretsmanager or ssm/],
    [
      "weights of 0",
      { capacityProvider: { FARGATE: 0 } },
      /`capacityProvider`: must be "FARGATE", "FARGATE_SPOT" or weights/,
    ],
    ["an unknown provider", { capacityProvider: "SPOT" }, /`capacityProvider`: must be "FARGATE".*got SPOT/],
    [
      "the worker's own variables",
      { environment: { CLOUDBURST_RUN_ID: "x" } },
      /CLOUDBURST_RUN_ID`: is a name that the worker's own/,
    ],
    [
      "a variable with a hyphen",
      { environment: { "A-B": "x" } },
      /`environment.A-B`: must have letters, digits and underscores in its name/,
    ],
    ["an AWS tag", { tags: { "aws:x": "1" } }, /`tags.aws:x`: must have a name of 1 to 128/],
    ["49 tags", { tags: Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`t${n}`, ""])) }, /at most 48 tags/],
    ["no KMS key", { security: { kmsKeyId: "my key" } }, /`security.kmsKeyId`: must be a KMS key: its id, its ARN/],
    [
      "half a client certificate",
      { security: { cert: "-----BEGIN" } },
      /`security.key`: `cert` and `key` go together: give both or neither, got undefined/,
    ],
    [
      "a path on an access point",
      {
        volumes: [
          {
            name: "a",
            containerPath: "/a",
            efs: { fileSystemId: "fs-1", accessPointId: "fsap-1", rootDirectory: "/x" },
          },
        ],
      },
      /`volumes.0.efs`: `rootDirectory` is the access point's own/,
    ],
    [
      "a relative directory",
      { volumes: [{ name: "a", containerPath: "a" }] },
      /`volumes.0.containerPath`: must be an absolute path/,
    ],
    ["a short lease", { leaseMs: 100 }, /`leaseMs`: the lease in ms must be a whole number from 10000/],
    [
      "an image beside a task definition",
      { taskDefinition: "mine:3", image: "x" },
      /`image`: `taskDefinition` decides about it: give one of the two, got x/,
    ],
    [
      "a place without an image",
      { bucket: "abc", ecsCluster: "c", subnets: ["subnet-1"] },
      /`image`: without a stack, `image` or `taskDefinition` must be given/,
    ],
    ["a region that is none", { region: "Ireland" }, /`region`: must be a region like eu-west-1, got Ireland/],
    [
      "an endpoint without a protocol",
      { endpoint: "localhost:4566" },
      /`endpoint`: must be a URL that begins with http/,
    ],
  ])("are refused before any request for %s", (_what, given, message) => {
    expect(() => parseFargateOptions(given)).toThrow(message);
    expect(() => new FargateCluster(given)).toThrow(message);
  });

  it("names every option that is wrong, not only the first", () => {
    expect(() => parseFargateOptions({ cpu: 1, nWorkers: -1 })).toThrow(/`cpu`.*`nWorkers`/);
  });
});

describe("credentials and certificates", () => {
  it("are never shown in an error", () => {
    const wrong = { credentials: { accessKeyId: "AKIASECRET", secretAccesKey: "s3cr3t" } } as object;
    expect(() => resolveAwsSettings(wrong)).toThrow(/^`credentials` must be \{ accessKeyId, secretAccessKey \}/);
    expect(() => resolveAwsSettings(wrong)).not.toThrow(/AKIASECRET|s3cr3t/);
    expect(() => new FargateCluster(wrong)).toThrow(/^`credentials` must be/);
  });

  it("may come from a function", () => {
    const credentials = async () => ({ accessKeyId: "a", secretAccessKey: "b" });
    expect(resolveAwsSettings({ credentials }).credentials).toBe(credentials);
  });

  it("are read from files, where PEM text is not given", () => {
    const file = join(directory, "ca.pem");
    writeFileSync(file, "-----BEGIN CERTIFICATE-----from a file");
    const { tls } = resolveAwsSettings({ security: { ca: file } });
    expect(tls?.ca).toBe("-----BEGIN CERTIFICATE-----from a file");
    expect(() => resolveAwsSettings({ security: { ca: join(directory, "none.pem") } })).toThrow(
      /`security.ca` must be PEM text or the path of a file that holds it: ENOENT/,
    );
  });
});

describe("the capacity of a fleet", () => {
  it("is on-demand unless Spot is asked for", () => {
    expect(resolveCapacity()).toEqual({ strategy: [{ capacityProvider: "FARGATE", weight: 1 }], fallBack: true });
  });

  it("is Spot with on-demand standing in", () => {
    const strategy = [{ capacityProvider: "FARGATE_SPOT", weight: 1 }];
    expect(resolveCapacity("FARGATE_SPOT")).toEqual({ strategy, fallBack: true });
    expect(resolveCapacity({ FARGATE_SPOT: 1, fallBack: false })).toEqual({ strategy, fallBack: false });
  });

  it("is a mix by weight, without what weighs nothing", () => {
    expect(resolveCapacity({ FARGATE: 1, FARGATE_SPOT: 3 }).strategy).toEqual([
      { capacityProvider: "FARGATE", weight: 1 },
      { capacityProvider: "FARGATE_SPOT", weight: 3 },
    ]);
    expect(resolveCapacity({ FARGATE: 0, FARGATE_SPOT: 3 }).strategy).toEqual([
      { capacityProvider: "FARGATE_SPOT", weight: 3 },
    ]);
  });
});
