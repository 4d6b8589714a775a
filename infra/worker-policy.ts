/**
 * What a worker may do, and with it every line of the flows that it runs: take chunks, tell, read inputs and code, write
 * packs. It can start nothing, and delete nothing but messages.
 */
import { PolicyStatement } from "aws-cdk-lib/aws-iam";

export interface WorkerPolicyResources {
  readonly taskQueues: readonly string[];
  readonly noticeQueues: readonly string[];
  readonly bucket: string;
  /** Tasks that may protect themselves from scale-in; undefined without a shared service. */
  readonly protectableTasks?: { readonly tasks: string; readonly ecsCluster: string } | undefined;
}

export function workerStatements({
  taskQueues,
  noticeQueues,
  bucket,
  protectableTasks,
}: WorkerPolicyResources): PolicyStatement[] {
  const statements = [
    new PolicyStatement({
      sid: "TakeChunks",
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"],
      resources: [...taskQueues],
    }),
    new PolicyStatement({ sid: "Tell", actions: ["sqs:SendMessage"], resources: [...noticeQueues] }),
    new PolicyStatement({
      sid: "ReadInputsAndCode",
      actions: ["s3:GetObject"],
      resources: [`${bucket}/code/*`, `${bucket}/runs/*`],
    }),
    // Not for listing: without it S3 answers 403 instead of 404 for a key that does not exist. No condition on a prefix,
    // since GetObject has none to meet it with.
    new PolicyStatement({ sid: "TellMissingFromDenied", actions: ["s3:ListBucket"], resources: [bucket] }),
    new PolicyStatement({
      sid: "WritePacks",
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: [`${bucket}/runs/*/out/*`],
    }),
  ];
  if (protectableTasks !== undefined) statements.push(protectFromScaleIn(protectableTasks));
  return statements;
}

/** The agent's endpoint in the container does it with the worker's own role. */
function protectFromScaleIn({ tasks, ecsCluster }: { tasks: string; ecsCluster: string }): PolicyStatement {
  return new PolicyStatement({
    sid: "ProtectFromScaleIn",
    actions: ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
    resources: [tasks],
    conditions: { ArnEquals: { "ecs:cluster": ecsCluster } },
  });
}
