/**
 * What whoever runs flows may do: start and stop workers in this one cluster, make and remove queues of runs, keep objects
 * in this one bucket. It cannot deploy, and it can pass no role but the two of the workers.
 */
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ClusterArns } from "./cluster-arns.ts";

export interface DriverPolicyResources {
  readonly arns: ClusterArns;
  readonly bucket: string;
  readonly workerRole: string;
  readonly executionRole: string;
  /** ARN of the log group, `:*` at its end. */
  readonly logStreams: string;
  readonly sharedQueue: string | undefined;
}

export function driverStatements(resources: DriverPolicyResources): PolicyStatement[] {
  const { arns, bucket, sharedQueue } = resources;
  return [
    ...launchStatements(resources),
    ...watchStatements(arns),
    ...queueStatements(arns, sharedQueue),
    ...objectStatements(bucket),
    ...lookStatements(resources),
  ];
}

function launchStatements({ arns, workerRole, executionRole }: DriverPolicyResources): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "RegisterWorkers",
      actions: ["ecs:RegisterTaskDefinition"],
      resources: [arns.taskDefinitions],
    }),
    new PolicyStatement({
      sid: "StartWorkers",
      actions: ["ecs:RunTask"],
      resources: [arns.taskDefinitions],
      conditions: {
        ArnEquals: { "ecs:cluster": arns.ecsCluster },
        // No shell into a worker: it would lend the worker's role to whoever may run flows.
        StringNotEquals: { "ecs:enable-execute-command": "true" },
      },
    }),
    new PolicyStatement({
      sid: "TagOnCreation",
      actions: ["ecs:TagResource"],
      resources: [arns.tasks, arns.taskDefinitions],
      conditions: { StringEquals: { "ecs:CreateAction": ["RunTask", "RegisterTaskDefinition"] } },
    }),
    new PolicyStatement({
      sid: "LendRoles",
      actions: ["iam:PassRole"],
      resources: [workerRole, executionRole],
      conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    }),
  ];
}

function watchStatements(arns: ClusterArns): PolicyStatement[] {
  const inCluster = { ArnEquals: { "ecs:cluster": arns.ecsCluster } };
  return [
    new PolicyStatement({
      sid: "WatchAndStopWorkers",
      actions: ["ecs:DescribeTasks", "ecs:StopTask"],
      resources: [arns.tasks],
      conditions: inCluster,
    }),
    // The one resource that ListTasks knows is a container instance, and Fargate has none.
    new PolicyStatement({ sid: "ListWorkers", actions: ["ecs:ListTasks"], resources: ["*"], conditions: inCluster }),
    // Knows no resource at all.
    new PolicyStatement({ sid: "ReadDefinitions", actions: ["ecs:DescribeTaskDefinition"], resources: ["*"] }),
  ];
}

function queueStatements(arns: ClusterArns, sharedQueue: string | undefined): PolicyStatement[] {
  const statements = [
    new PolicyStatement({
      sid: "QueuesOfRuns",
      actions: [
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:GetQueueUrl",
        "sqs:GetQueueAttributes",
        "sqs:TagQueue",
        "sqs:PurgeQueue",
        "sqs:SendMessage",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
      ],
      resources: [arns.runTaskQueues, arns.runNoticeQueues],
    }),
  ];
  if (sharedQueue === undefined) return statements;
  // Other runs' chunks are in it: a driver may add and count, never take, purge or delete.
  const shared = { actions: ["sqs:SendMessage", "sqs:GetQueueAttributes"], resources: [sharedQueue] };
  return [...statements, new PolicyStatement({ sid: "SharedQueue", ...shared })];
}

function objectStatements(bucket: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ObjectsOfRuns",
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: [`${bucket}/code/*`, `${bucket}/runs/*`],
    }),
    new PolicyStatement({
      sid: "ListObjectsOfRuns",
      actions: ["s3:ListBucket"],
      resources: [bucket],
      conditions: { StringLike: { "s3:prefix": ["code/*", "runs/*"] } },
    }),
  ];
}

function lookStatements({ arns, logStreams }: DriverPolicyResources): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ReadLog",
      actions: ["logs:GetLogEvents", "logs:FilterLogEvents"],
      resources: [logStreams],
    }),
    new PolicyStatement({ sid: "FindStack", actions: ["cloudformation:DescribeStacks"], resources: [arns.stack] }),
    new PolicyStatement({
      sid: "ReadQuota",
      actions: ["servicequotas:GetServiceQuota"],
      resources: [...arns.vcpuQuotas],
    }),
  ];
}
