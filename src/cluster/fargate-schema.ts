/** Checks `clusterKwargs` of `FargateCluster` before any request is made. What can be told from a stack only, is told later. */
import * as z from "zod";
import { isFargateSize } from "../base/fargate-sizes.ts";
import { parseOptions } from "../base/parse-options.ts";
import { awsShape } from "./aws-options.ts";
import type { FargateClusterOptions } from "./fargate-options.ts";
import { priceOptions } from "./price-options.ts";
import { fargateCpus, noSuchSize } from "./worker-size.ts";

const text = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error });
const whole = (least: number, most: number, what: string) => {
  const error = `${what} must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const id = (prefix: string) =>
  text(new RegExp(`^${prefix}-[\\w-]+$`), `must be an id like ${prefix}-0123456789abcdef0`);
const arn = (service: string) =>
  text(new RegExp(`^arn:[^:]+:(${service}):`), `must be an ARN of ${service.replace("|", " or ")}`);
const list = <T extends z.ZodType>(item: T, most: number, what: string) =>
  z
    .array(item)
    .min(1, { error: `at least one of ${what} is needed` })
    .max(most, { error: `at most ${most} ${what} are allowed` });

/** A record in which each name is looked at as well: zod's own message for a wrong key says nothing of what is wrong. */
const record = <T extends z.ZodType>(values: T, troubleOf: (name: string) => string | undefined) =>
  z.record(z.string(), values).check(({ value, issues }) => {
    for (const name of Object.keys(value)) {
      const message = troubleOf(name);
      if (message !== undefined) issues.push({ code: "custom", input: name, path: [name], message });
    }
  });

/** Names that the worker reads for itself: a user's value would cut it off from its run. */
const reserved = /^(CLOUDBURST_|ECS_|AWS_EXECUTION_ENV$|AWS_CONTAINER_CREDENTIALS_)/;

function variableTrouble(name: string): string | undefined {
  if (reserved.test(name)) return "is a name that the worker's own environment needs";
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "must have letters, digits and underscores in its name only";
  return undefined;
}

/** ECS and SQS allow 50; two are ours on queues, one on workers, and AWS's managed tags do not count. */
const maxTags = 48;
const tagName = /^(?!aws:|cloudburst:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const tags = record(z.string().max(256, { error: "must have at most 256 characters" }), (name) =>
  tagName.test(name)
    ? undefined
    : "must have a name of 1 to 128 letters, digits, spaces and _.:/=+-@ that does not begin with aws: or cloudburst:",
).refine((given) => Object.keys(given).length <= maxTags, { error: `at most ${maxTags} tags are allowed` });

const place = {
  stack: text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, "must be a stack's name: letters, digits and hyphens").optional(),
  outputsFile: z.string().min(1).optional(),
  bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket, without s3://").optional(),
  ecsCluster: text(
    /^(arn:[^:]+:ecs:[^:]+:\d{12}:cluster\/)?[\w-]{1,255}$/,
    "must be the name or the ARN of an ECS cluster",
  ).optional(),
  subnets: list(id("subnet"), 16, "subnets").optional(),
  securityGroups: list(id("sg"), 5, "security groups").optional(),
  assignPublicIp: z.boolean().optional(),
  taskRoleArn: arn("iam").optional(),
  executionRoleArn: arn("iam").optional(),
  logGroup: text(/^[\w./#-]{1,512}$/, "must be the name of a log group").optional(),
} as const;

const volume = z.strictObject({
  name: text(/^[\w-]{1,255}$/, "must have letters, digits, hyphens and underscores only"),
  containerPath: text(/^\//, "must be an absolute path in the container"),
  readOnly: z.boolean().optional(),
  efs: z
    .strictObject({
      fileSystemId: id("fs"),
      rootDirectory: text(/^\//, "must be an absolute path in the file system").optional(),
      accessPointId: id("fsap").optional(),
      iam: z.boolean().optional(),
    })
    .refine(
      ({ accessPointId, rootDirectory }) => accessPointId === undefined || [undefined, "/"].includes(rootDirectory),
      {
        error: "`rootDirectory` is the access point's own: leave it out",
      },
    )
    .optional(),
});

const cpuError = `must be ${fargateCpus.join(", ")} CPU units (1024 are one vCPU)`;
const worker = {
  cpu: z
    .number({ error: cpuError })
    .refine((cpu) => fargateCpus.includes(cpu), { error: cpuError })
    .optional(),
  memory: whole(512, 249_856, "the memory in MiB").optional(),
  ephemeralStorageGiB: whole(21, 200, "the disk in GiB, of which 20 are always there,").optional(),
  image: text(
    /^[\w][\w./:@-]{0,254}$/,
    "must be an image's name, with its registry where that is not Docker Hub",
  ).optional(),
  architecture: z.enum(["ARM64", "X86_64"], { error: "must be ARM64 or X86_64" }).optional(),
  environment: record(z.string({ error: "must be text" }), variableTrouble).optional(),
  secrets: record(arn("secretsmanager|ssm"), variableTrouble).optional(),
  volumes: list(volume, 10, "volumes").optional(),
  command: z.array(z.string()).optional(),
  user: text(/^\d+(:\d+)?$/, "must be uid or uid:gid, in numbers").optional(),
  readOnlyRoot: z.boolean().optional(),
  logStreamPrefix: text(/^[^:*\s]{1,255}$/, "must not have spaces, colons or asterisks").optional(),
  taskDefinition: text(
    /^(arn:[^:]+:ecs:[^:]+:\d{12}:task-definition\/)?[\w-]{1,255}(:\d+)?$/,
    "must be a family, family:revision or the ARN of a task definition",
  ).optional(),
  containerName: text(/^[\w-]{1,255}$/, "must have letters, digits, hyphens and underscores only").optional(),
  platformVersion: text(/^(LATEST|\d+\.\d+\.\d+)$/, "must be LATEST or a version like 1.4.0").optional(),
} as const;

const capacityError =
  'must be "FARGATE", "FARGATE_SPOT" or weights like { FARGATE: 1, FARGATE_SPOT: 3, fallBack: true }, each 0 to 1000 and not all 0';
const weight = whole(0, 1000, "a weight").optional();
const mix = z
  .strictObject({ FARGATE: weight, FARGATE_SPOT: weight, fallBack: z.boolean().optional() })
  .refine(({ FARGATE = 0, FARGATE_SPOT = 0 }) => FARGATE + FARGATE_SPOT > 0, { error: capacityError });
const provider = z.union([z.enum(["FARGATE", "FARGATE_SPOT"]), mix], { error: capacityError });

const fleet = {
  nWorkers: whole(1, 5_000, "the number of workers").optional(),
  threadsPerWorker: whole(1, 256, "the number of threads").optional(),
  capacityProvider: provider.optional(),
  prices: priceOptions.optional(),
  tags: tags.optional(),
} as const;

const life = {
  leaseMs: whole(10_000, 3_600_000, "the lease in ms").optional(),
  watchMs: whole(1_000, 60_000, "the time between looks in ms").optional(),
  driverGraceMs: whole(60_000, 3_600_000, "the grace for a silent driver in ms").optional(),
  keepResults: z.boolean().optional(),
} as const;

/** What an existing task definition decides. */
const definitionOptions = [
  "image",
  "architecture",
  "secrets",
  "volumes",
  "user",
  "readOnlyRoot",
  "logGroup",
  "logStreamPrefix",
] as const;

const schema: z.ZodType<FargateClusterOptions> = z
  .strictObject({ ...awsShape, ...place, ...worker, ...fleet, ...life })
  .check(({ value, issues }) => {
    const say = (path: keyof FargateClusterOptions, message: string): void => {
      issues.push({ code: "custom", input: value[path], path: [path], message });
    };
    const { cpu, memory, taskDefinition } = value;
    if (cpu !== undefined && memory !== undefined && !isFargateSize(cpu, memory))
      say("memory", noSuchSize(cpu, memory));
    if (taskDefinition !== undefined) {
      for (const name of definitionOptions) {
        if (value[name] !== undefined) say(name, `\`taskDefinition\` decides about it: give one of the two`);
      }
    }
    if (isFullPlace(value) && value.image === undefined && taskDefinition === undefined) {
      say("image", "without a stack, `image` or `taskDefinition` must be given");
    }
  });

/** @throws InvalidOptionError that names each option that is wrong, with its value and what is allowed */
export function parseFargateOptions(given: unknown): FargateClusterOptions {
  return parseOptions("FargateCluster", schema, given);
}

/** Whether no stack has to be looked for. */
export function isFullPlace(options: FargateClusterOptions): boolean {
  const { stack, outputsFile, bucket, ecsCluster, subnets } = options;
  const stackNamed = stack !== undefined || outputsFile !== undefined;
  return !stackNamed && bucket !== undefined && ecsCluster !== undefined && subnets !== undefined;
}
