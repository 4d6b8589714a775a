/**
 * What worker and driver may do with the key that encrypts bucket and queues: use it through S3 and SQS of this region, and
 * in no other way. Both need both actions: SQS asks for them of whoever sends, S3 of whoever completes an upload in parts.
 */
import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

export function keyStatements(scope: Construct, keyArn: string | undefined): PolicyStatement[] {
  if (keyArn === undefined) return [];
  const { region } = Stack.of(scope);
  return [
    new PolicyStatement({
      sid: "UseKey",
      actions: ["kms:GenerateDataKey", "kms:Decrypt"],
      resources: [keyArn],
      conditions: {
        StringEquals: { "kms:ViaService": ["s3", "sqs"].map((service) => `${service}.${region}.amazonaws.com`) },
      },
    }),
  ];
}
