/** Operations on clusters. */

import type { AwsOperation } from "../aws-json.ts";
import { readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { describeStrategy } from "./clusters.ts";
import type { Cluster, Clusters } from "./clusters.ts";
import type { EcsArns } from "./ecs-arns.ts";
import { clusterContainsTasks } from "./ecs-errors.ts";
import { readStrategy } from "./strategy.ts";
import { describeTags, readTags } from "./tags.ts";
import type { TaskTable } from "./task-table.ts";

export interface ClusterParts {
  readonly arns: EcsArns;
  readonly clusters: Clusters;
  readonly tasks: TaskTable;
}

export function clusterOperations(parts: ClusterParts): Readonly<Record<string, AwsOperation>> {
  const { clusters } = parts;
  return {
    CreateCluster: (input) => {
      const cluster = clusters.create(readText(input, "clusterName") ?? "default", {
        tags: readTags(input),
        capacityProviders: readTexts(input, "capacityProviders") ?? [],
        defaultStrategy: readStrategy(input, "defaultCapacityProviderStrategy"),
      });
      return { cluster: describeCluster(cluster, parts.tasks, "ACTIVE") };
    },
    DeleteCluster: (input) => {
      const cluster = clusters.get(readText(input, "cluster"));
      if (countTasks(cluster, parts.tasks).active > 0) throw clusterContainsTasks();
      clusters.delete(cluster);
      return { cluster: describeCluster(cluster, parts.tasks, "INACTIVE") };
    },
    DescribeClusters: (input) => {
      const names = readTexts(input, "clusters") ?? ["default"];
      const found = names.map((name) => clusters.find(name));
      return {
        clusters: found
          .filter((cluster) => cluster !== undefined)
          .map((cluster) => describeCluster(cluster, parts.tasks, "ACTIVE")),
        failures: names
          .filter((_name, index) => found[index] === undefined)
          .map((name) => ({ arn: name.startsWith("arn:") ? name : parts.arns.cluster(name), reason: "MISSING" })),
      };
    },
    PutClusterCapacityProviders: (input) => {
      const cluster = clusters.get(readText(input, "cluster"));
      const strategy = readStrategy(input, "defaultCapacityProviderStrategy");
      clusters.setProviders(cluster, readTexts(input, "capacityProviders") ?? [], strategy);
      return { cluster: describeCluster(cluster, parts.tasks, "ACTIVE") };
    },
  };
}

function describeCluster(cluster: Cluster, tasks: TaskTable, status: "ACTIVE" | "INACTIVE"): JsonObject {
  const counts = countTasks(cluster, tasks);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: 0,
    statistics: [],
    settings: [],
    tags: describeTags(cluster.tags),
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: describeStrategy(cluster.defaultStrategy),
  };
}

function countTasks(cluster: Cluster, tasks: TaskTable): { active: number; running: number; pending: number } {
  const states = tasks.inCluster(cluster.arn).map((task) => task.progress.state);
  const count = (...wanted: readonly string[]): number => states.filter((state) => wanted.includes(state)).length;
  return {
    active: states.length - count("STOPPED"),
    running: count("RUNNING"),
    pending: count("PROVISIONING", "PENDING", "ACTIVATING"),
  };
}
