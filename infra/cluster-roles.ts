/** The three identities, each with its statements written out: what is not in the policy files cannot be done. */
import { Duration, Stack } from "aws-cdk-lib";
import {
  AccountRootPrincipal,
  ManagedPolicy,
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { acknowledgeWildcards } from "./acknowledge-wildcards.ts";
import type { ClusterArns } from "./cluster-arns.ts";
import { driverStatements } from "./driver-policy.ts";
import { executionStatements } from "./execution-policy.ts";
import { keyStatements } from "./key-policy.ts";
import { workerStatements } from "./worker-policy.ts";

export interface ClusterRolesProps {
  readonly arns: ClusterArns;
  readonly bucketArn: string;
  readonly logGroupArn: string;
  /** ECR repositories that images may be pulled from. */
  readonly repositoryArns: readonly string[];
  /** Secrets and parameters that task definitions may hand to workers. */
  readonly secretArns: readonly string[];
  readonly sharedQueueArn: string | undefined;
  /** Encrypts bucket and queues; undefined for keys that need no permission. */
  readonly encryptionKeyArn: string | undefined;
}

/** A driver that assumes the role must outlive a long run; twelve hours are the most that IAM grants. */
const driverSession = Duration.hours(12);

export class ClusterRoles extends Construct {
  readonly worker: Role;
  readonly execution: Role;
  readonly driver: Role;
  readonly driverPolicy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: ClusterRolesProps) {
    super(scope, id);
    const { arns, sharedQueueArn } = props;
    this.worker = new Role(this, "Worker", {
      description: "Cloudburst workers and the flow code in them",
      assumedBy: tasksOfThisAccount(this),
      inlinePolicies: {
        Worker: document([
          ...workerStatements({
            taskQueues: [arns.runTaskQueues, ...(sharedQueueArn === undefined ? [] : [sharedQueueArn])],
            noticeQueues: [arns.runNoticeQueues],
            bucket: props.bucketArn,
            protectableTasks: sharedQueueArn === undefined ? undefined : arns,
          }),
          ...keyStatements(this, props.encryptionKeyArn),
        ]),
      },
    });
    this.execution = new Role(this, "Execution", {
      description: "Fargate's agent, for Cloudburst workers",
      assumedBy: new ServicePrincipal("ecs-tasks.amazonaws.com"),
      inlinePolicies: {
        Execution: document(
          executionStatements({
            logStreams: props.logGroupArn,
            repositories: props.repositoryArns,
            secrets: props.secretArns,
          }),
        ),
      },
    });
    this.driverPolicy = new ManagedPolicy(this, "DriverPolicy", {
      description: "Run Cloudburst flows: attach it to whoever does",
      statements: [
        ...driverStatements({
          arns,
          bucket: props.bucketArn,
          workerRole: this.worker.roleArn,
          executionRole: this.execution.roleArn,
          sharedQueue: sharedQueueArn,
        }),
        ...keyStatements(this, props.encryptionKeyArn),
      ],
    });
    this.driver = new Role(this, "Driver", {
      description: "Run Cloudburst flows: identities of this account that are allowed to assume it",
      assumedBy: new AccountRootPrincipal(),
      managedPolicies: [this.driverPolicy],
      maxSessionDuration: driverSession,
    });
    acknowledgeWildcards(this, wildcardReasons(props));
  }
}

function wildcardReasons({ arns, bucketArn }: ClusterRolesProps): Readonly<Record<string, string>> {
  return {
    [arns.runTaskQueues]: "Queues are made for each run; the pattern holds the names that runs give",
    [arns.runNoticeQueues]: "Queues are made for each run; the pattern holds the names that runs give",
    [arns.tasks]: "Tasks are named by ECS when they start; the pattern ends at this cluster",
    [arns.taskDefinitions]: "Definitions are registered by content; the pattern begins with the cluster's name",
    [arns.stack]: "A stack's ARN ends in an id that is given when it is created",
    [`${bucketArn}/code/*`]: "Bundles are named by their content",
    [`${bucketArn}/runs/*`]: "Every run has a prefix of its own",
    [`${bucketArn}/runs/*/out/*`]: "Every run has a prefix of its own",
    "*": "Actions without a resource of their own: the registry's token, ListTasks (held to the cluster by a condition), DescribeTaskDefinition and ListQueues",
  };
}

function document(statements: PolicyStatement[]): PolicyDocument {
  return new PolicyDocument({ statements });
}

/** Only ECS on behalf of this account and region: AWS's guard against a confused deputy. */
function tasksOfThisAccount(scope: Construct): ServicePrincipal {
  const { account, partition, region } = Stack.of(scope);
  return new ServicePrincipal("ecs-tasks.amazonaws.com", {
    conditions: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": `arn:${partition}:ecs:${region}:${account}:*` },
    },
  });
}
