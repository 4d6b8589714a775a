/**
 * `cloudburst/infra`: the stack's parts for a CDK app of one's own. Needs `aws-cdk-lib` and `constructs`, which are
 * optional peers of the package: whoever only runs flows does not install them.
 */
export { CloudburstCluster, type CloudburstClusterProps } from "./cloudburst-cluster.ts";
export type { ClusterNetwork, ExistingNetwork } from "./cluster-network.ts";
export type { ClusterRoles } from "./cluster-roles.ts";
export type { ClusterStorage } from "./cluster-storage.ts";
export type { SharedServiceOptions } from "./shared-service.ts";
export type { SpendingAlarmProps } from "./spending-alarm.ts";
export type { Architecture, WorkerImageProps } from "./worker-image.ts";
