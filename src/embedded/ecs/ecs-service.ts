import type { Clock } from "../../base/clock.ts";
import { createAwsJsonService } from "../aws-json.ts";
import type { ContainerLauncher } from "../cloud.ts";
import type { EmbeddedFaults } from "../failures.ts";
import type { Service, ServiceResponse } from "../service.ts";
import { clusterOperations } from "./cluster-operations.ts";
import { Clusters } from "./clusters.ts";
import { definitionOperations } from "./definition-operations.ts";
import { createEcsArns } from "./ecs-arns.ts";
import { tagOperations } from "./tag-operations.ts";
import { TaskDefinitions } from "./task-definitions.ts";
import { TaskMetadata } from "./task-metadata.ts";
import { taskOperations } from "./task-operations.ts";
import { TaskTable } from "./task-table.ts";

export interface EcsServiceOptions {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  readonly launcher: ContainerLauncher;
  readonly faults: EmbeddedFaults;
  readonly startupLatencyMs: number;
  /** Where containers reach the cloud. Asked when a task starts, since the port is known only then. */
  readonly endpoint: () => string;
  /** What every container gets besides its own environment. */
  readonly environment: () => Readonly<Record<string, string>>;
}

export interface EcsService extends Service {
  /** Answers the task metadata endpoint; undefined for other paths. */
  metadata(path: string): ServiceResponse | undefined;
}

/** ECS on Fargate, as far as Cloudburst uses it: tasks are real, started by the launcher. */
export function createEcsService(options: EcsServiceOptions): EcsService {
  const arns = createEcsArns(options.region, options.accountId);
  const metadata = new TaskMetadata();
  const parts = {
    arns,
    metadata,
    clusters: new Clusters(arns),
    definitions: new TaskDefinitions(arns, options.clock),
    tasks: new TaskTable(options.clock, (task) => {
      metadata.close(task);
    }),
    world: options,
    environment: options.environment,
    endpoint: options.endpoint,
  };
  options.faults.onInterruption(() => {
    const onSpot = parts.tasks.all().filter((task) => task.plan.capacityProvider === "FARGATE_SPOT");
    return onSpot.filter((task) => task.interrupt()).length;
  });
  const service = createAwsJsonService({
    name: "ecs",
    target: "AmazonEC2ContainerServiceV20141113",
    version: "1.1",
    operations: {
      ...clusterOperations(parts),
      ...definitionOperations(parts.definitions),
      ...tagOperations(parts),
      ...taskOperations(parts),
    },
    close: async () => {
      // No grace: with the cloud gone, nothing that a worker still finished could be stored.
      await Promise.all(parts.tasks.all().map((task) => task.kill()));
    },
  });
  return { ...service, metadata: (path) => metadata.answer(path) };
}
