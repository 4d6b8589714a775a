/** The clients that a cluster needs: opened together, closed together. */
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { type AwsSettings, openEcsClient, openS3Client, openSqsClient } from "../aws/clients.ts";
import type { RequestCounter } from "../aws/request-counter.ts";

export interface ClusterClients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly ecs: ECSClient;
}

export function openClusterClients(settings: AwsSettings, counter: RequestCounter): ClusterClients {
  return {
    sqs: openSqsClient(settings, counter),
    s3: openS3Client(settings, counter),
    ecs: openEcsClient(settings, counter),
  };
}

export function closeClusterClients(clients: ClusterClients): void {
  for (const client of [clients.sqs, clients.s3, clients.ecs]) client.destroy();
}
