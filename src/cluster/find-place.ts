/** Where a temporary cluster is opened: explicit values first, then the stack's. */
import type { AwsSettings } from "../aws/clients.ts";
import type { RequestCounter } from "../aws/request-counter.ts";
import type { ClusterPlace } from "./cluster-place.ts";
import type { FargateClusterOptions } from "./fargate-options.ts";
import { isFullPlace } from "./fargate-schema.ts";
import { defaultStack, findStack, type FoundStack, readOutputsFile } from "./stack-discovery.ts";

export interface FoundPlace {
  readonly place: ClusterPlace;
  /** The stack's own region, where only the stack tells it. */
  readonly region: string | undefined;
}

const nothing: FoundStack = { name: "", description: "", values: {} };

/** @throws CloudburstError when a stack is needed and not found */
export async function findPlace(
  options: FargateClusterOptions,
  settings: AwsSettings,
  counter: RequestCounter,
  signal: AbortSignal,
): Promise<FoundPlace> {
  if (isFullPlace(options)) return { place: placeOf(options, nothing), region: undefined };
  const { outputsFile, stack } = options;
  const found =
    outputsFile === undefined
      ? await findStack(stack ?? defaultStack, settings, counter, signal)
      : readOutputsFile(outputsFile, stack);
  return { place: placeOf(options, found), region: found.values.region };
}

function placeOf(options: FargateClusterOptions, { name, description, values }: FoundStack): ClusterPlace {
  const ecsCluster = nameOf(options.ecsCluster ?? values.ecsCluster ?? "");
  return {
    description: description === "" ? `the ECS cluster ${ecsCluster}` : description,
    stack: name === "" ? undefined : name,
    bucket: options.bucket ?? values.bucket ?? "",
    ecsCluster,
    subnets: options.subnets ?? values.subnets?.split(",") ?? [],
    securityGroups: options.securityGroups ?? values.securityGroup?.split(",") ?? [],
    assignPublicIp: options.assignPublicIp ?? values.assignPublicIp !== "DISABLED",
    logGroup: options.logGroup ?? values.logGroup,
    kmsKeyId: values.kmsKeyArn,
    taskRoleArn: options.taskRoleArn ?? values.workerRoleArn,
    executionRoleArn: options.executionRoleArn ?? values.executionRoleArn,
    familyPrefix: values.taskDefinitionPrefix ?? "cloudburst-",
    taskDefinitionFamily: values.taskDefinitionFamily,
    containerName: values.containerName ?? "worker",
    image: values.image,
    architecture: architectureOf(values.architecture),
  };
}

/** Permissions and tokens go by the cluster's name. */
function nameOf(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

function architectureOf(value: string | undefined): ClusterPlace["architecture"] {
  return value === "ARM64" || value === "X86_64" ? value : undefined;
}
