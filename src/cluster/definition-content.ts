/** What a worker's task definition says when it is not the stack's: as strict as the stack's own (infra/task-definitions.ts). */
import type { ContainerDefinition, Volume } from "@aws-sdk/client-ecs";
import type { Architecture, ClusterPlace } from "./cluster-place.ts";
import type { FargateClusterOptions, VolumeOptions } from "./fargate-options.ts";
import type { DefinitionContent } from "./task-definition.ts";
import type { WorkerSize } from "./worker-size.ts";

/** The longest that Fargate grants between SIGTERM and SIGKILL. */
const stopTimeoutSeconds = 120;
/** The user `node` of the official images. */
const workerUser = "1000:1000";
const defaultPrefix = "worker";

export interface DefinitionParts {
  readonly place: ClusterPlace;
  readonly options: FargateClusterOptions;
  readonly image: string;
  readonly architecture: Architecture;
  readonly size: WorkerSize;
  readonly region: string;
  readonly containerName: string;
  /** Variables that are too long to travel with each launch, in the order of their names. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

/** The same parts give the same content, member by member in the same order: its hash is its name. */
export function definitionContent(parts: DefinitionParts): DefinitionContent {
  const { place, options, architecture, size } = parts;
  return {
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(size.cpu),
    memory: String(size.memoryMiB),
    runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: "LINUX" },
    ...(options.ephemeralStorageGiB !== undefined && { ephemeralStorage: { sizeInGiB: options.ephemeralStorageGiB } }),
    ...(place.taskRoleArn !== undefined && { taskRoleArn: place.taskRoleArn }),
    ...(place.executionRoleArn !== undefined && { executionRoleArn: place.executionRoleArn }),
    volumes: [{ name: "tmp" }, ...(options.volumes ?? []).map(volumeOf)],
    containerDefinitions: [containerOf(parts)],
  };
}

function containerOf(parts: DefinitionParts): ContainerDefinition {
  const { place, options, image, region, environment, containerName } = parts;
  return {
    name: containerName,
    image,
    essential: true,
    user: options.user ?? workerUser,
    readonlyRootFilesystem: options.readOnlyRoot ?? true,
    stopTimeout: stopTimeoutSeconds,
    // An init process takes in what the flow's code leaves running; no capability is needed by a worker.
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
    environment: [...environment],
    secrets: Object.entries(options.secrets ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, valueFrom]) => ({ name, valueFrom })),
    mountPoints: [
      { sourceVolume: "tmp", containerPath: "/tmp", readOnly: false },
      ...(options.volumes ?? []).map(({ name, containerPath, readOnly = false }) => ({
        sourceVolume: name,
        containerPath,
        readOnly,
      })),
    ],
    ...(place.logGroup !== undefined && {
      logConfiguration: logTo(place.logGroup, region, options.logStreamPrefix ?? defaultPrefix),
    }),
  };
}

function logTo(group: string, region: string, prefix: string): ContainerDefinition["logConfiguration"] {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": group,
      "awslogs-region": region,
      "awslogs-stream-prefix": prefix,
      mode: "non-blocking", // a slow log must not hold up work
    },
  };
}

function volumeOf({ name, efs }: VolumeOptions): Volume {
  if (efs === undefined) return { name };
  const { fileSystemId, rootDirectory, accessPointId, iam = false } = efs;
  return {
    name,
    efsVolumeConfiguration: {
      fileSystemId,
      ...(rootDirectory !== undefined && { rootDirectory }),
      transitEncryption: "ENABLED",
      ...((accessPointId !== undefined || iam) && {
        authorizationConfig: {
          ...(accessPointId !== undefined && { accessPointId }),
          iam: iam ? ("ENABLED" as const) : ("DISABLED" as const),
        },
      }),
    },
  };
}
