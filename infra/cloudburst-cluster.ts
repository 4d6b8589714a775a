/**
 * All that a burst needs in an account, as one construct: take it into an app of your own, or deploy `CloudburstStack`.
 * One cluster to a stack: drivers find it by the stack's name.
 */
import { Stack, Tags } from "aws-cdk-lib";
import { CfnScalableTarget } from "aws-cdk-lib/aws-applicationautoscaling";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { clusterArns, requireConcreteName } from "./cluster-arns.ts";
import { ClusterNetwork, type ExistingNetwork } from "./cluster-network.ts";
import { ClusterOutputs } from "./cluster-outputs.ts";
import { ClusterRoles } from "./cluster-roles.ts";
import { ClusterStorage } from "./cluster-storage.ts";
import { ComputeCluster } from "./compute-cluster.ts";
import { SharedQueues } from "./shared-queues.ts";
import { SharedService, type SharedServiceOptions } from "./shared-service.ts";
import { SpendingAlarm, type SpendingAlarmProps } from "./spending-alarm.ts";
import { createWorkerTask, type WorkerTaskProps } from "./task-definitions.ts";
import { type Architecture, WorkerImage, type WorkerImageProps } from "./worker-image.ts";

export interface CloudburstClusterProps {
  /** Names the ECS cluster and begins the names of task definitions. @default the stack's name */
  readonly name?: string | undefined;
  /** @default a VPC of its own: public subnets, no NAT gateway */
  readonly network?: ExistingNetwork | undefined;
  /** Public addresses for workers: their way out, unless the subnets have a NAT gateway or endpoints. @default true */
  readonly assignPublicIp?: boolean | undefined;
  /** @default ARM64, which costs a fifth less */
  readonly architecture?: Architecture | undefined;
  /** @default built from `worker-image/`, for which deploying needs Docker */
  readonly image?: Omit<WorkerImageProps, "architecture"> | undefined;
  /** CPU units of the default task definition; 1,024 are one vCPU. @default 1024 */
  readonly cpu?: number | undefined;
  /** Memory of the default task definition. @default 2048 */
  readonly memoryMiB?: number | undefined;
  /** Names of ECR repositories of this account and region from which flows may bring images of their own. @default none */
  readonly imageRepositories?: readonly string[] | undefined;
  /** ARNs of secrets and parameters that task definitions may hand to workers. @default none */
  readonly secretArns?: readonly string[] | undefined;
  /**
   * Encrypts the bucket, the shared queues and the queues of runs. It stays yours: its own policy must leave its use to
   * this account's IAM. @default S3's and SQS's own keys
   */
  readonly encryptionKey?: IKey | undefined;
  /** Days that a run's objects are kept. @default 7 */
  readonly runDays?: number | undefined;
  /** Days that a flow's bundle is kept. @default 30 */
  readonly codeDays?: number | undefined;
  /** @default 7 days */
  readonly logRetention?: RetentionDays | undefined;
  /** Long-lived workers that several runs share; `false` leaves them out. @default on, with no worker while there is no work */
  readonly shared?: SharedServiceOptions | false | undefined;
  /** A letter when the month's costs come near a limit. @default none */
  readonly spendingAlarm?: SpendingAlarmProps | undefined;
}

export class CloudburstCluster extends Construct {
  readonly network: ClusterNetwork;
  readonly storage: ClusterStorage;
  /** Their policies are complete for Cloudburst; what flows need besides is added to `roles.worker`. */
  readonly roles: ClusterRoles;

  constructor(scope: Construct, id: string, props: CloudburstClusterProps = {}) {
    super(scope, id);
    const name = requireConcreteName(props.name ?? Stack.of(this).stackName);
    const { architecture = "ARM64", assignPublicIp = true, cpu = 1024, memoryMiB = 2048 } = props;
    const network = new ClusterNetwork(this, "Network", { existing: props.network });
    const storage = new ClusterStorage(this, "Storage", props);
    const image = new WorkerImage(this, "Image", { ...props.image, architecture });
    const queues = props.shared === false ? undefined : new SharedQueues(this, "Shared", props);
    const roles = new ClusterRoles(this, "Roles", {
      arns: clusterArns(this, name),
      bucketArn: storage.bucket.bucketArn,
      logGroupArn: storage.logGroup.logGroupArn,
      repositoryArns: [...image.repositoryArns, ...repositoryArns(this, props.imageRepositories)],
      secretArns: props.secretArns ?? [],
      sharedQueueArn: queues?.tasks.queueArn,
      encryptionKeyArn: props.encryptionKey?.keyArn,
    });
    const { cluster } = new ComputeCluster(this, "Compute", { name, network });
    const worker: WorkerTaskProps = { image, cpu, memoryMiB, roles, logGroup: storage.logGroup };
    const task = createWorkerTask(this, "Task", `${name}-worker`, worker);
    const placed = { cluster, clusterName: name, network, assignPublicIp, storage, worker };
    const shared =
      queues && new SharedService(this, "SharedService", { ...props.shared, ...placed, queue: queues.tasks });
    if (props.spendingAlarm !== undefined) new SpendingAlarm(this, "SpendingAlarm", props.spendingAlarm);
    // Scalable targets take no tags yet where CloudFormation has an older schema than CDK.
    Tags.of(this).add("cloudburst", name, { excludeResourceTypes: [CfnScalableTarget.CFN_RESOURCE_TYPE_NAME] });
    new ClusterOutputs(this, "Outputs", {
      name,
      architecture,
      assignPublicIp,
      network,
      storage,
      image,
      roles,
      task,
      queues,
      shared,
      encryptionKey: props.encryptionKey,
    });
    this.network = network;
    this.storage = storage;
    this.roles = roles;
  }
}

function repositoryArns(scope: Construct, names: readonly string[] = []): string[] {
  const stack = Stack.of(scope);
  return names.map((resourceName) => stack.formatArn({ service: "ecr", resource: "repository", resourceName }));
}
