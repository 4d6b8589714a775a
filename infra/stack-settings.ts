/** What `cdk deploy -c name=value` may set, checked before a single construct is made. What is left out, constructs decide. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import * as z from "zod";
import { parseOptions } from "../src/base/parse-options.ts";

const list = z.string().transform((text) => text.split(",").map((item) => item.trim()));
const listOf = (item: z.ZodType<string, string>) => list.pipe(z.array(item).min(1)).optional();
const id = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`), `must be an id like ${prefix}-0123456789abcdef0`);
/** `-c` gives text, cdk.json may give a boolean. */
const yesOrNo = z.union([z.boolean(), z.stringbool()], "must be true or false");
const count = z.coerce.number().int();

const shape = {
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, "must begin with a letter and have at most 100 letters, digits and hyphens")
    .default("Cloudburst"),
  /** `false`: no bootstrap stack is needed, and no image can be built. */
  bootstrap: yesOrNo.default(true),
  image: z.string().min(1).optional(),
  baseImage: z.string().min(1).optional(),
  architecture: z.enum(["ARM64", "X86_64"]).optional(),
  cpu: count.optional(),
  memory: count.optional(),
  vpcId: id("vpc").optional(),
  subnetIds: listOf(id("subnet")),
  publicIp: yesOrNo.optional(),
  imageRepositories: listOf(z.string().min(1)),
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:[^:]+:kms:[^:]+:\d{12}:key\/[\w-]+$/,
      "must be the ARN of a key, not an alias: arn:aws:kms:<region>:<account>:key/<id>",
    )
    .optional(),
  secrets: listOf(z.string().regex(/^arn:[^:]+:(secretsmanager|ssm):/, "must be ARNs of secrets or parameters")),
  runDays: count.min(1).optional(),
  codeDays: count.min(1).optional(),
  logDays: z.coerce.number().pipe(z.enum(RetentionDays)).optional(),
  shared: yesOrNo.default(true),
  sharedMinimum: count.min(0).optional(),
  sharedMaximum: count.min(1).max(5000, "an ECS service has at most 5,000 tasks").optional(),
  sharedChunksPerWorker: count.min(1).optional(),
  sharedCapacityProvider: z.enum(["FARGATE", "FARGATE_SPOT"]).optional(),
  budgetUsd: z.coerce.number().positive().optional(),
  budgetEmail: z.email().optional(),
} as const;

const schema = z
  .object(shape)
  .refine(({ vpcId, subnetIds }) => (vpcId === undefined) === (subnetIds === undefined), {
    message: "`vpcId` and `subnetIds` go together: give both, or neither for a VPC of the stack's own",
  })
  .refine(({ budgetUsd, budgetEmail }) => (budgetUsd === undefined) === (budgetEmail === undefined), {
    message: "`budgetUsd` and `budgetEmail` go together: give both, or neither for no budget",
  })
  .refine(({ bootstrap, image }) => bootstrap || image !== undefined, {
    message: "without `bootstrap` there is no place for an image that is built: give `image` too",
  });

export const contextNames: readonly string[] = Object.keys(shape);

export type StackSettings = z.output<typeof schema>;

/** @throws InvalidOptionError that names every context value that is wrong */
export function readStackSettings(node: Node): StackSettings {
  const given = contextNames.map((name): [string, unknown] => [name, node.tryGetContext(name)]);
  return parseOptions("cdk context", schema, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
}
