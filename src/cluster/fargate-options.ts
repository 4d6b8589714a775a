/** What a user may say of a temporary cluster. */
import type { AwsCredentials, AwsService } from "../aws/clients.ts";
import type { PriceOptions } from "../base/prices.ts";
import type { CapacityMix, CapacityProvider } from "./capacity-plan.ts";
import type { Architecture } from "./cluster-place.ts";

/** How requests reach AWS. */
export interface AwsOptions {
  /** @default AWS_REGION, or the profile's */
  readonly region?: string | undefined;
  /** Profile of the shared AWS configuration files. @default AWS_PROFILE, or `default` */
  readonly profile?: string | undefined;
  /** Credentials, or a function that gives them whenever they are needed. @default the SDK's own search */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
  /** URL of an emulator, or of a proxy that takes requests for all services. @default AWS's own */
  readonly endpoint?: string | undefined;
  /** URLs for single services; they go before `endpoint`. */
  readonly endpoints?: Readonly<Partial<Record<AwsService, string | undefined>>> | undefined;
  /** TLS of the driver's connections, the key with which a run's data are encrypted, and the token of a scheduler. */
  readonly security?: SecurityOptions | undefined;
}

/** `ca`, `cert` and `key` are PEM text each, or the path of a file that holds it. */
export interface SecurityOptions {
  /** An authority that is trusted besides those that Node trusts. */
  readonly ca?: string | undefined;
  /** Client certificate; goes with `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /**
   * KMS key for the objects and queues of a temporary cluster's runs: id, ARN or alias. Driver and workers must be allowed
   * `kms:GenerateDataKey` and `kms:Decrypt` on it. @default the stack's `kmsKeyArn`; without one the bucket's own
   * encryption, and SQS's
   */
  readonly kmsKeyId?: string | undefined;
  /** Of a scheduler that was started with one, at least 16 characters. @default CLOUDBURST_TOKEN */
  readonly token?: string | undefined;
}

/** Where the cluster is opened: a stack's outputs, or the same things named one by one, which go before the stack's. */
export interface PlaceOptions {
  /** Name of the stack that `npx cloudburst deploy` made. @default "Cloudburst" */
  readonly stack?: string | undefined;
  /** File that `cdk deploy --outputs-file` wrote: CloudFormation is not asked then. */
  readonly outputsFile?: string | undefined;
  /** With `ecsCluster` and `subnets` given as well, no stack is looked for. */
  readonly bucket?: string | undefined;
  /** Name or ARN. */
  readonly ecsCluster?: string | undefined;
  /** Up to 16 ids. Workers are spread over them. */
  readonly subnets?: readonly string[] | undefined;
  /** Up to 5 ids. @default the stack's; without a stack the VPC's default group */
  readonly securityGroups?: readonly string[] | undefined;
  /** Gives workers a public address: their way out where there is no NAT gateway. @default the stack's; else true */
  readonly assignPublicIp?: boolean | undefined;
  /** Role of the worker and of the flow's code in it. @default the stack's */
  readonly taskRoleArn?: string | undefined;
  /** Role with which Fargate pulls the image, writes the log and reads secrets. @default the stack's */
  readonly executionRoleArn?: string | undefined;
  /** CloudWatch log group of the workers. @default the stack's; without a stack nothing is logged */
  readonly logGroup?: string | undefined;
}

/** A directory of a worker: on the task's own disk, or on EFS. */
export interface VolumeOptions {
  readonly name: string;
  readonly containerPath: string;
  /** @default false */
  readonly readOnly?: boolean | undefined;
  /** @default the task's own disk */
  readonly efs?: EfsOptions | undefined;
}

export interface EfsOptions {
  readonly fileSystemId: string;
  /** @default the access point's, or `/` */
  readonly rootDirectory?: string | undefined;
  readonly accessPointId?: string | undefined;
  /** Whether the task role is asked. @default false */
  readonly iam?: boolean | undefined;
}

/** What a worker is. */
export interface WorkerOptions {
  /** CPU units; 1,024 are one vCPU. @default the task definition's; 1024 with an image of your own */
  readonly cpu?: number | undefined;
  /** MiB. @default the task definition's; the least that Fargate has with this `cpu` */
  readonly memory?: number | undefined;
  /** 21 to 200 GiB. @default 20, which Fargate includes */
  readonly ephemeralStorageGiB?: number | undefined;
  /** Image that holds the worker. @default the stack's */
  readonly image?: string | undefined;
  /** What the image is built for. @default the stack's; else X86_64 */
  readonly architecture?: Architecture | undefined;
  /** Environment variables of the worker and of the flow's code. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Environment variables whose values Fargate reads: ARNs of secrets or parameters. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly volumes?: readonly VolumeOptions[] | undefined;
  /** Arguments for the image's entry point. @default the image's */
  readonly command?: readonly string[] | undefined;
  /** User in the container, `uid` or `uid:gid`. @default "1000:1000" */
  readonly user?: string | undefined;
  /** @default true: only /tmp and `volumes` can be written */
  readonly readOnlyRoot?: boolean | undefined;
  /** Begins the names of log streams. @default "worker" */
  readonly logStreamPrefix?: string | undefined;
  /** An existing task definition: family, `family:revision` or ARN. It decides about image, secrets, volumes and log. */
  readonly taskDefinition?: string | undefined;
  /** The worker's container in it. @default "worker", or the only one */
  readonly containerName?: string | undefined;
  /** Fargate's platform. @default the latest */
  readonly platformVersion?: string | undefined;
}

/** How many workers, and on what. */
export interface FleetOptions {
  /** @default 4: what a new account's quota of 6 vCPUs has room for */
  readonly nWorkers?: number | undefined;
  /** Calls that each worker runs at once, 1 to 256. @default one for each vCPU */
  readonly threadsPerWorker?: number | undefined;
  /** On-demand, Spot with on-demand standing in, or a mix by weight. @default "FARGATE" */
  readonly capacityProvider?: CapacityProvider | CapacityMix | undefined;
  /** What workers and requests are paid by. @default list prices of the region, or of us-east-1 where those are not known */
  readonly prices?: PriceOptions | undefined;
  /** Tags of the run's workers and queues, besides those that begin with `cloudburst:`. Up to 48. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** How the run goes. */
export interface LifeOptions {
  /** A lost worker's chunks come back after this time. 10,000 to 3,600,000. @default 120000 */
  readonly leaseMs?: number | undefined;
  /** How often the driver looks after its workers. 1,000 to 60,000. @default 5000 */
  readonly watchMs?: number | undefined;
  /** Workers leave when they have heard nothing of their driver for so long. 60,000 to 3,600,000. @default 300000 */
  readonly driverGraceMs?: number | undefined;
  /** Keeps the run's inputs and results in the bucket, until its lifecycle rule deletes them. @default false */
  readonly keepResults?: boolean | undefined;
}

/** `clusterKwargs` of `FargateCluster`. */
export interface FargateClusterOptions extends AwsOptions, PlaceOptions, WorkerOptions, FleetOptions, LifeOptions {}
