/**
 * ARNs by name, for policies. None of them refers to an ECS resource of the stack: emulators without ECS would put
 * "unknown" there, and a policy must also cover what drivers make later.
 */
import { Stack, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { InvalidOptionError } from "../src/base/errors.ts";

export interface ClusterArns {
  readonly ecsCluster: string;
  /** Every task in the ECS cluster. */
  readonly tasks: string;
  /** Every revision of every family that begins with the cluster's name. */
  readonly taskDefinitions: string;
  readonly stack: string;
  /** Task queues of temporary clusters: one for each run. */
  readonly runTaskQueues: string;
  /** Notice queues, of temporary and of shared clusters: one for each run. */
  readonly runNoticeQueues: string;
  /** Fargate's limits of vCPUs at once, on-demand and Spot. */
  readonly vcpuQuotas: readonly string[];
}

/** Codes that AWS gave to the two limits. */
const vcpuQuotaCodes = ["L-3032A538", "L-36FBB829"];

export function clusterArns(scope: Construct, name: string): ClusterArns {
  const stack = Stack.of(scope);
  const arn = (service: string, resource: string, resourceName: string): string =>
    stack.formatArn({ service, resource, resourceName });
  const queues = (pattern: string): string => stack.formatArn({ service: "sqs", resource: pattern });
  return {
    ecsCluster: arn("ecs", "cluster", name),
    tasks: arn("ecs", "task", `${name}/*`),
    taskDefinitions: arn("ecs", "task-definition", `${name}-*`),
    stack: arn("cloudformation", "stack", `${stack.stackName}/*`),
    // The names that src/cluster gives: a run's id has lower-case letters and digits only.
    runTaskQueues: queues("cloudburst-*-tasks"),
    runNoticeQueues: queues("cloudburst-*-notices"),
    vcpuQuotas: vcpuQuotaCodes.map((code) => arn("servicequotas", "fargate", code)),
  };
}

/** ECS names: ECS and IAM must agree on it before the stack exists, so it may not be CloudFormation's choice. */
export function requireConcreteName(name: string): string {
  if (!Token.isUnresolved(name) && /^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(name)) return name;
  throw new InvalidOptionError(
    `the cluster's name must be known when the app runs, begin with a letter and have at most 100 letters, digits and ` +
      `hyphens, got ${name} (set \`name\`)`,
  );
}
