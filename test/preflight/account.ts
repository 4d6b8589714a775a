/** An account in the embedded cloud: a stack's bucket and ECS cluster, and faults that tests set. */
import { CreateClusterCommand, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { closeClusterClients, openClusterClients } from "../../src/cluster/cluster-clients.ts";
import type { Clock } from "../../src/base/clock.ts";
import type { ClusterPlace } from "../../src/cluster/cluster-place.ts";
import type { PreflightContext } from "../../src/cluster/preflight-context.ts";
import type { EmbeddedCloud, EmbeddedCloudOptions } from "../../src/embedded/cloud.ts";
import { EmbeddedFaults } from "../../src/embedded/failures.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";

export const bucket = "cloudburst-bucket";
export const ecsCluster = "Cloudburst";
export const family = "Cloudburst-worker";

/** What the CDK stack tells its drivers. */
export const outputs = {
  CloudburstRegion: "us-east-1",
  CloudburstBucket: bucket,
  CloudburstEcsCluster: ecsCluster,
  CloudburstTaskDefinitionFamily: family,
  CloudburstTaskDefinitionPrefix: "Cloudburst-",
  CloudburstContainerName: "worker",
  CloudburstImage: "acme/worker:1",
  CloudburstArchitecture: "ARM64",
  CloudburstSubnets: "subnet-1,subnet-2",
  CloudburstNetwork: "own",
  CloudburstSecurityGroup: "sg-1",
  CloudburstAssignPublicIp: "ENABLED",
  CloudburstLogGroup: "Cloudburst-logs",
  CloudburstWorkerRoleArn: "arn:aws:iam::000000000000:role/worker",
  CloudburstExecutionRoleArn: "arn:aws:iam::000000000000:role/execution",
  CloudburstDriverRoleArn: "arn:aws:iam::000000000000:role/driver",
  CloudburstDriverPolicyArn: "arn:aws:iam::000000000000:policy/driver",
};

export const place: ClusterPlace = {
  description: "the stack Cloudburst in us-east-1",
  stack: "Cloudburst",
  bucket,
  ecsCluster,
  subnets: ["subnet-1", "subnet-2"],
  securityGroups: ["sg-1"],
  assignPublicIp: true,
  logGroup: "Cloudburst-logs",
  kmsKeyId: undefined,
  taskRoleArn: "arn:aws:iam::000000000000:role/worker",
  executionRoleArn: "arn:aws:iam::000000000000:role/execution",
  familyPrefix: "Cloudburst-",
  taskDefinitionFamily: family,
  containerName: "worker",
  image: "acme/worker:1",
  architecture: "ARM64",
};

export interface Account extends AsyncDisposable {
  readonly cloud: EmbeddedCloud;
  readonly faults: EmbeddedFaults;
  readonly clients: PreflightContext["clients"];
  context(changes?: Partial<PreflightContext>): PreflightContext;
}

export interface AccountOptions extends EmbeddedCloudOptions {
  readonly clock?: Clock;
  /** Image of the stack's task definition. @default the one of its output */
  readonly workerImage?: string;
}

export async function openAccount(options: AccountOptions = {}): Promise<Account> {
  const faults = new EmbeddedFaults();
  const stacks = [{ name: "Cloudburst", outputs }];
  const cloud = await startEmbeddedCloud({ faults, stacks, ...options });
  const counter = createRequestCounter();
  const { endpoint, region, credentials } = cloud;
  const aws = { endpoint, region, credentials };
  const clients = openClusterClients(aws, counter);
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const capacityProviders = ["FARGATE", "FARGATE_SPOT"];
  await clients.ecs.send(new CreateClusterCommand({ clusterName: ecsCluster, capacityProviders }));
  await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "1024",
      memory: "2048",
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      containerDefinitions: [
        { name: "worker", image: options.workerImage ?? outputs.CloudburstImage, essential: true },
      ],
    }),
  );
  return {
    cloud,
    faults,
    clients,
    context: (changes = {}) => ({
      aws,
      region,
      clients,
      counter,
      place,
      workers: 4,
      capacity: { strategy: [{ capacityProvider: "FARGATE", weight: 1 }], fallBack: false },
      cpu: 1024,
      memoryMiB: 2048,
      image: outputs.CloudburstImage,
      architecture: "ARM64",
      taskDefinition: undefined,
      signal: new AbortController().signal,
      ...changes,
    }),
    [Symbol.asyncDispose]: async () => {
      closeClusterClients(clients);
      await cloud[Symbol.asyncDispose]();
    },
  };
}
