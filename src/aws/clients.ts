/** The AWS clients, opened in one place: endpoint quirks, sockets, and the count of every request (I11). */
import { rootCertificates } from "node:tls";
import { ECSClient } from "@aws-sdk/client-ecs";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { RequestCounter } from "./request-counter.ts";

/** Services that may have an endpoint of their own. */
export type AwsService = "sqs" | "s3" | "ecs" | "cloudformation" | "sts" | "serviceQuotas";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** When temporary credentials end. A provider is asked again before. */
  readonly expiration?: Date | undefined;
}

/** What TLS connections to AWS are made with, as PEM text. */
export interface TlsIdentity {
  /** An authority that is trusted besides those that Node trusts: a proxy's, an endpoint's own. */
  readonly ca?: string | undefined;
  /** Certificate by which the driver shows who it is. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface AwsSettings {
  /** @default the SDK's own search: AWS_REGION, the profile */
  readonly region?: string | undefined;
  /** Profile of the shared configuration files. @default AWS_PROFILE, or `default` */
  readonly profile?: string | undefined;
  /** One endpoint for all services, as emulators have. @default AWS's own */
  readonly endpoint?: string | undefined;
  /** Endpoints of single services; they go before `endpoint`. */
  readonly endpoints?: Readonly<Partial<Record<AwsService, string | undefined>>> | undefined;
  /** Credentials, or what gives them whenever they are needed. @default the SDK's own search: environment, profile, container role */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
  readonly tls?: TlsIdentity | undefined;
}

/** A long poll holds its socket for 20 s; the SDK's default of 50 sockets would let polls hold up everything else. */
const maxSockets = 128;
/**
 * A connection that says nothing for so long is given up, and the SDK asks anew: networks drop idle ones without a word, above
 * all around laptops that sleep. Longer than a long poll is silent, short beside the lease that a renewal must not miss.
 */
const silenceMs = 30_000;
/** With the SDK's back-off, which doubles from half a second where it is told to slow down. */
const patientAttempts = 8;
/** The system's own patience is two minutes. */
const connectMs = 10_000;

export function openSqsClient(settings: AwsSettings, counter: RequestCounter): SQSClient {
  const config = clientConfig(settings, "sqs");
  // With an endpoint of our own the host inside a queue's URL is the emulator's idea of itself: not to be followed.
  const client = new SQSClient({ ...config, useQueueUrlAsEndpoint: config.endpoint === undefined });
  counter.watch("sqs", client.middlewareStack);
  return client;
}

export function openS3Client(settings: AwsSettings, counter: RequestCounter): S3Client {
  const config = clientConfig(settings, "s3");
  const client = new S3Client({
    ...config,
    // Asking before a large body is sent costs a connection of its own each time; our bodies are never unwelcome.
    expectContinueHeader: false,
    // A bucket that a burst finds empty answers 503 until it has spread over more partitions: half a minute at the most is
    // better than a failed run. Emulators that do not answer are gone.
    ...(config.endpoint === undefined && { maxAttempts: patientAttempts }),
    // Emulators know buckets by path, and not all of them the checksums that AWS calculates by default.
    ...(config.endpoint !== undefined && {
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED" as const,
      responseChecksumValidation: "WHEN_REQUIRED" as const,
    }),
  });
  counter.watch("s3", client.middlewareStack);
  return client;
}

export function openEcsClient(settings: AwsSettings, counter: RequestCounter): ECSClient {
  const client = new ECSClient(clientConfig(settings, "ecs"));
  counter.watch("ecs", client.middlewareStack);
  return client;
}

/** What every client is made with. */
export function clientConfig(settings: AwsSettings, service: AwsService) {
  const { region, profile, credentials, tls } = settings;
  const endpoint = settings.endpoints?.[service] ?? settings.endpoint;
  return {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials: sdkCredentials(credentials) }),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectMs,
      socketTimeout: silenceMs,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets, ...tlsOptions(tls) },
    }),
  };
}

function sdkCredentials(credentials: NonNullable<AwsSettings["credentials"]>) {
  if (typeof credentials === "function") return async () => sdkIdentity(await credentials());
  return sdkIdentity(credentials);
}

/** The SDK takes an absent member for absent, and one that is undefined for a mistake. */
function sdkIdentity({ accessKeyId, secretAccessKey, sessionToken, expiration }: AwsCredentials) {
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    ...(expiration !== undefined && { expiration }),
  };
}

function tlsOptions({ ca, cert, key }: TlsIdentity = {}) {
  return {
    // Naming an authority makes Node forget its own.
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
