/** The AWS clients, opened in one place: endpoint quirks, sockets, and the count of every request (I11). */
import { ECSClient } from "@aws-sdk/client-ecs";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { RequestCounter } from "./request-counter.ts";

export interface AwsSettings {
  /** @default the SDK's own search: AWS_REGION, the profile */
  readonly region?: string | undefined;
  /** One endpoint for SQS, S3 and ECS, as emulators have. @default AWS's own */
  readonly endpoint?: string | undefined;
  /** @default the SDK's own search: environment, profile, container role */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

/** A long poll holds its socket for 20 s; the SDK's default of 50 sockets would let polls hold up everything else. */
const maxSockets = 128;

export function openSqsClient(settings: AwsSettings, counter: RequestCounter): SQSClient {
  // With an endpoint of our own the host inside a queue's URL is the emulator's idea of itself: not to be followed.
  const client = new SQSClient({ ...common(settings), useQueueUrlAsEndpoint: settings.endpoint === undefined });
  counter.watch("sqs", client.middlewareStack);
  return client;
}

export function openS3Client(settings: AwsSettings, counter: RequestCounter): S3Client {
  const client = new S3Client({
    ...common(settings),
    // Asking before a large body is sent costs a connection of its own each time; our bodies are never unwelcome.
    expectContinueHeader: false,
    // Emulators know buckets by path, and not all of them the checksums that AWS calculates by default.
    ...(settings.endpoint !== undefined && {
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED" as const,
      responseChecksumValidation: "WHEN_REQUIRED" as const,
    }),
  });
  counter.watch("s3", client.middlewareStack);
  return client;
}

export function openEcsClient(settings: AwsSettings, counter: RequestCounter): ECSClient {
  const client = new ECSClient(common(settings));
  counter.watch("ecs", client.middlewareStack);
  return client;
}

function common(settings: AwsSettings) {
  return {
    ...(settings.region !== undefined && { region: settings.region }),
    ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
    ...(settings.credentials !== undefined && { credentials: settings.credentials }),
    requestHandler: new NodeHttpHandler({
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    }),
  };
}
