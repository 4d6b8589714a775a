/** What a worker's task is made of. The same container for temporary clusters and for the shared service. */
import { Duration, Validations } from "aws-cdk-lib";
import {
  AwsLogDriverMode,
  Capability,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
} from "aws-cdk-lib/aws-ecs";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { ClusterRoles } from "./cluster-roles.ts";
import type { WorkerImage } from "./worker-image.ts";

export interface WorkerTaskProps {
  readonly image: WorkerImage;
  /** CPU units; 1,024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly roles: ClusterRoles;
  readonly logGroup: ILogGroup;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export const workerContainer = "worker";
/** The user `node` of the official images. */
const workerUser = "1000:1000";
/** The longest that Fargate grants between SIGTERM and SIGKILL; with less, Spot's two minutes would be cut short. */
const stopTimeout = Duration.seconds(120);

export function createWorkerTask(
  scope: Construct,
  id: string,
  family: string,
  props: WorkerTaskProps,
): FargateTaskDefinition {
  const task = new FargateTaskDefinition(scope, id, {
    family,
    cpu: props.cpu,
    memoryLimitMiB: props.memoryMiB,
    runtimePlatform: {
      cpuArchitecture: props.image.cpuArchitecture,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
    // CDK would add statements of its own for logs and image; the roles' statements are written out instead.
    taskRole: props.roles.worker.withoutPolicyUpdates(),
    executionRole: props.roles.execution.withoutPolicyUpdates(),
    volumes: [{ name: "tmp" }],
  });
  const container = task.addContainer(workerContainer, {
    image: props.image.containerImage,
    memoryLimitMiB: props.memoryMiB,
    essential: true,
    user: workerUser,
    readonlyRootFilesystem: true,
    stopTimeout,
    linuxParameters: hardened(scope, id),
    environment: { ...props.environment },
    logging: LogDrivers.awsLogs({
      logGroup: props.logGroup,
      streamPrefix: workerContainer,
      mode: AwsLogDriverMode.NON_BLOCKING, // a slow log must not hold up work
    }),
  });
  // Bundles are unpacked there. The image declares the volume, so that it belongs to everyone and not to root alone.
  container.addMountPoints({ sourceVolume: "tmp", containerPath: "/tmp", readOnly: false });
  Validations.of(task).acknowledge({
    id: "AwsSolutions-ECS2",
    reason: "The variables are queue URLs, a bucket's name and sizes. No secret travels in them.",
  });
  return task;
}

/** An init process takes in what user code leaves running; no capability is needed by a worker. */
function hardened(scope: Construct, id: string): LinuxParameters {
  const parameters = new LinuxParameters(scope, `${id}Linux`, { initProcessEnabled: true });
  parameters.dropCapabilities(Capability.ALL);
  return parameters;
}
