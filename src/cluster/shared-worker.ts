/** What a worker of a scheduler is started with. */
import type { AwsCredentials } from "../aws/clients.ts";
import type { ContainerSpec } from "../embedded/cloud.ts";
import { workerEnvironment } from "../wire/worker-environment.ts";

/** A lost worker's chunks come back after this: short, since one that is lost on this machine is seldom late but dead. */
export const sharedLeaseMs = 10_000;

export interface SharedWorker {
  readonly name: string;
  readonly slots: number;
  readonly endpoint: string;
  readonly region: string | undefined;
  readonly credentials: AwsCredentials;
  readonly bucket: string;
  readonly queueUrl: string;
  /** What the flows' code finds in its environment besides. */
  readonly environment?: Readonly<Record<string, string>>;
}

export function sharedWorkerSpec(worker: SharedWorker): ContainerSpec {
  const { name, slots, endpoint, region = "", credentials, bucket, queueUrl, environment } = worker;
  return {
    image: "cloudburst-worker",
    command: [],
    taskArn: name,
    containerName: "worker",
    environment: {
      ...environment,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      [workerEnvironment.taskQueue]: queueUrl,
      [workerEnvironment.bucket]: bucket,
      [workerEnvironment.slots]: String(slots),
      [workerEnvironment.leaseMs]: String(sharedLeaseMs),
      [workerEnvironment.name]: name,
    },
  };
}
