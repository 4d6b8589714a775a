/** Writes the outputs that drivers read. */
import { CfnOutput, Stack } from "aws-cdk-lib";
import type { FargateTaskDefinition } from "aws-cdk-lib/aws-ecs";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { ClusterNetwork } from "./cluster-network.ts";
import type { ClusterRoles } from "./cluster-roles.ts";
import type { ClusterStorage } from "./cluster-storage.ts";
import type { SharedQueues } from "./shared-queues.ts";
import type { SharedService } from "./shared-service.ts";
import { type StackOutput, stackOutputs } from "../src/cluster/stack-outputs.ts";
import { workerContainer } from "./task-definitions.ts";
import type { Architecture, WorkerImage } from "./worker-image.ts";

export interface ClusterOutputsProps {
  readonly name: string;
  readonly architecture: Architecture;
  readonly assignPublicIp: boolean;
  readonly network: ClusterNetwork;
  readonly storage: ClusterStorage;
  readonly image: WorkerImage;
  readonly roles: ClusterRoles;
  readonly task: FargateTaskDefinition;
  readonly queues: SharedQueues | undefined;
  readonly shared: SharedService | undefined;
  readonly encryptionKey: IKey | undefined;
}

export class ClusterOutputs extends Construct {
  constructor(scope: Construct, id: string, props: ClusterOutputsProps) {
    super(scope, id);
    const values = new Map(Object.entries(outputValues(this, props)));
    for (const [name, key] of Object.entries(stackOutputs)) {
      const value = values.get(name);
      if (value === undefined) continue;
      // The same name wherever in an app the cluster stands, so that its stack can be told by its outputs.
      new CfnOutput(this, key, { value }).overrideLogicalId(key);
    }
  }
}

function outputValues(
  scope: Construct,
  { name, network, storage, image, roles, ...props }: ClusterOutputsProps,
): Record<StackOutput, string | undefined> {
  return {
    bucket: storage.bucket.bucketName,
    region: Stack.of(scope).region,
    ecsCluster: name,
    taskDefinitionFamily: props.task.family,
    taskDefinitionPrefix: `${name}-`,
    containerName: workerContainer,
    image: image.uri,
    architecture: props.architecture,
    subnets: network.subnets.map(({ subnetId }) => subnetId).join(","),
    network: network.isOwn ? "own" : "existing",
    securityGroup: network.securityGroup.securityGroupId,
    assignPublicIp: props.assignPublicIp ? "ENABLED" : "DISABLED",
    logGroup: storage.logGroup.logGroupName,
    kmsKeyArn: props.encryptionKey?.keyArn,
    workerRoleArn: roles.worker.roleArn,
    executionRoleArn: roles.execution.roleArn,
    driverRoleArn: roles.driver.roleArn,
    driverPolicyArn: roles.driverPolicy.managedPolicyArn,
    sharedQueueUrl: props.queues?.tasks.queueUrl,
    sharedDeadLetterQueueUrl: props.queues?.deadLetters.queueUrl,
    sharedService: props.shared?.service.serviceName,
  };
}
