/** Long-lived workers that several runs share: an ECS service on the shared queue. */
import { AvailabilityZoneRebalancing, FargateService, type ICluster, PropagatedTagSource } from "aws-cdk-lib/aws-ecs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { workerEnvironment } from "../src/wire/worker-environment.ts";
import { BacklogScaling, type BacklogScalingOptions } from "./backlog-scaling.ts";
import type { ClusterNetwork } from "./cluster-network.ts";
import type { ClusterStorage } from "./cluster-storage.ts";
import { leaseTime } from "./shared-queues.ts";
import { createWorkerTask, type WorkerTaskProps } from "./task-definitions.ts";

export interface SharedServiceOptions extends BacklogScalingOptions {
  /** Where its workers run. Spot costs about a third and may take a worker away with two minutes' notice. @default FARGATE */
  readonly capacityProvider?: "FARGATE" | "FARGATE_SPOT" | undefined;
}

export interface SharedServiceProps extends SharedServiceOptions {
  readonly cluster: ICluster;
  /** The cluster's name as it is known when the app runs; it begins the name of the family. */
  readonly clusterName: string;
  readonly network: ClusterNetwork;
  readonly assignPublicIp: boolean;
  readonly worker: WorkerTaskProps;
  readonly storage: ClusterStorage;
  readonly queue: IQueue;
}

export class SharedService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: SharedServiceProps) {
    super(scope, id);
    const { network, clusterName, worker } = props;
    this.service = new FargateService(this, "Service", {
      cluster: props.cluster,
      taskDefinition: createWorkerTask(this, "Task", `${clusterName}-shared`, {
        ...worker,
        environment: sharedEnvironment(props),
      }),
      capacityProviderStrategies: [{ capacityProvider: props.capacityProvider ?? "FARGATE", weight: 1 }],
      assignPublicIp: props.assignPublicIp,
      vpcSubnets: { subnets: [...network.subnets] },
      securityGroups: [network.securityGroup],
      // Written down, since a deployment that has to start a worker waits for hours when its image cannot be pulled.
      desiredCount: props.minimum ?? 0,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.DISABLED, // moving a worker interrupts it for nothing
      enableECSManagedTags: true,
      propagateTags: PropagatedTagSource.SERVICE,
    });
    new BacklogScaling(this, "Scaling", { ...props, serviceName: this.service.serviceName });
  }
}

/** A call of CPU-bound code uses one. */
const cpuUnitsOfOneVcpu = 1024;

/** What a temporary cluster's workers are told when they are started, as far as it is the same for all runs. */
function sharedEnvironment({ queue, storage, worker }: SharedServiceProps): Record<string, string> {
  return {
    [workerEnvironment.taskQueue]: queue.queueUrl,
    [workerEnvironment.bucket]: storage.bucket.bucketName,
    [workerEnvironment.leaseMs]: String(leaseTime.toMilliseconds()),
    [workerEnvironment.slots]: String(Math.max(1, Math.floor(worker.cpu / cpuUnitsOfOneVcpu))),
    [workerEnvironment.memoryMiB]: String(worker.memoryMiB),
  };
}
