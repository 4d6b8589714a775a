/** The ECS cluster. It costs nothing by itself. */
import { Validations } from "aws-cdk-lib";
import { CfnCluster, Cluster, type ICluster } from "aws-cdk-lib/aws-ecs";
import { Construct } from "constructs";
import type { ClusterNetwork } from "./cluster-network.ts";

export interface ComputeClusterProps {
  readonly name: string;
  readonly network: ClusterNetwork;
}

export class ComputeCluster extends Construct {
  readonly cluster: ICluster;

  constructor(scope: Construct, id: string, { name, network }: ComputeClusterProps) {
    super(scope, id);
    // Providers as the cluster's own property: aws-ecs's `Cluster` makes an association beside it, one resource more,
    // which emulators do not know.
    const resource = new CfnCluster(this, "Cluster", {
      clusterName: name,
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
      clusterSettings: [{ name: "containerInsights", value: "disabled" }],
    });
    Validations.of(resource).acknowledge({
      id: "AwsSolutions-ECS4",
      reason: "Container Insights bills by the task. Workers report by notices, and the driver counts.",
    });
    this.cluster = Cluster.fromClusterAttributes(this, "Created", {
      clusterName: resource.ref,
      vpc: network.vpc,
      securityGroups: [network.securityGroup],
    });
  }
}
