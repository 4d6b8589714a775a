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
  readonly sharedQueue: string | undefined;
}

export function driverStatements(resources: DriverPolicyResources): PolicyStatement[] {
  const { arns, bucket, sharedQueue } = resources;
  return [
    ...launchStatements(resources),
    ...watchStatements(arns),
    ...queueStatements(arns, sharedQueue),
    ...objectStatements(bucket),
    ...lookStatements(arns),
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
      resources: [arns.tasks],
      conditions: { StringEquals: { "ecs:CreateAction": "RunTask" } },
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
  return [
    new PolicyStatement({
      sid: "QueuesOfRuns",
      actions: ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueUrl", "sqs:TagQueue"],
      resources: [arns.runTaskQueues, arns.runNoticeQueues],
    }),
    // For `cloudburst cleanup`: what killed drivers have left is found by name, tag and age. Listing knows no resource.
    new PolicyStatement({ sid: "FindLeftQueues", actions: ["sqs:ListQueues"], resources: ["*"] }),
    new PolicyStatement({
      sid: "TellWhoseQueue",
      actions: ["sqs:ListQueueTags"],
      resources: [arns.runTaskQueues, arns.runNoticeQueues],
    }),
    // A driver adds chunks and counts them. Only workers take them: in the shared queue are other runs' as well.
    new PolicyStatement({
      sid: "SendChunks",
      actions: ["sqs:SendMessage", "sqs:GetQueueAttributes"],
      resources: [arns.runTaskQueues, ...(sharedQueue === undefined ? [] : [sharedQueue])],
    }),
    new PolicyStatement({
      sid: "HearNotices",
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
      resources: [arns.runNoticeQueues],
    }),
  ];
}

function objectStatements(bucket: string): PolicyStatement[] {
  return [
    new PolicyStatement({ sid: "ShipCode", actions: ["s3:PutObject"], resources: [`${bucket}/code/*`] }),
    new PolicyStatement({
      sid: "ObjectsOfRuns",
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: [`${bucket}/runs/*`],
    }),
    // For listing a run's objects; and without it S3 answers 403 instead of 404 for a key that does not exist. No condition
    // on a prefix, since GetObject has none to meet it with.
    new PolicyStatement({ sid: "ListObjects", actions: ["s3:ListBucket"], resources: [bucket] }),
  ];
}

function lookStatements(arns: ClusterArns): PolicyStatement[] {
  return [
    new PolicyStatement({ sid: "FindStack", actions: ["cloudformation:DescribeStacks"], resources: [arns.stack] }),
    new PolicyStatement({
      sid: "ReadQuota",
      actions: ["servicequotas:GetServiceQuota"],
      resources: [...arns.vcpuQuotas],
    }),
  ];
}
