import type { LaunchFault } from "../cloud.ts";
import { readText } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { Cluster, Clusters } from "./clusters.ts";
import { describeTask } from "./describe-task.ts";
import { randomHex } from "./ecs-arns.ts";
import type { EcsArns } from "./ecs-arns.ts";
import { invalidParameter, tokenConflict } from "./ecs-errors.ts";
import { EmbeddedTask } from "./embedded-task.ts";
import type { TaskWorld } from "./embedded-task.ts";
import { parseCpu, parseMemory } from "./fargate-sizes.ts";
import { readRunTask } from "./run-task-request.ts";
import type { RunTaskRequest } from "./run-task-request.ts";
import { TaskContainer } from "./task-container.ts";
import type { TaskDefinition } from "./task-definition.ts";
import type { TaskDefinitions } from "./task-definitions.ts";
import type { TaskMetadata } from "./task-metadata.ts";
import type { TaskTable } from "./task-table.ts";

export interface RunTaskParts {
  readonly arns: EcsArns;
  readonly clusters: Clusters;
  readonly definitions: TaskDefinitions;
  readonly tasks: TaskTable;
  readonly metadata: TaskMetadata;
  readonly world: TaskWorld;
  /** What every container gets besides its own environment: endpoint, region, credentials. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly endpoint: () => string;
}

/** Runs tasks, or shows those that an earlier request with the same client token ran. */
export function runTask(input: JsonObject, parts: RunTaskParts): object {
  const cluster = parts.clusters.get(readText(input, "cluster"));
  const token = readToken(input, cluster);
  const fingerprint = JSON.stringify({ ...input, clientToken: undefined });
  const earlier = token === undefined ? undefined : parts.tasks.tokenUse(token);
  if (earlier !== undefined && earlier.fingerprint !== fingerprint) {
    throw tokenConflict(earlier.tasks.map((task) => task.plan.arn));
  }
  const { tasks, failures } = earlier === undefined ? startTasks(input, cluster, parts) : { ...earlier, failures: [] };
  if (token !== undefined && earlier === undefined && tasks.length > 0)
    parts.tasks.rememberToken(token, fingerprint, tasks);
  return { tasks: tasks.map((task) => describeTask(task, true)), failures };
}

/** The token within its scope, the cluster. */
function readToken(input: JsonObject, cluster: Cluster): string | undefined {
  const token = readText(input, "clientToken");
  if (token === undefined) return undefined;
  if (!/^[!-~]{1,64}$/.test(token)) throw invalidParameter("clientToken must have 1 to 64 ASCII characters, 33 to 126");
  return `${cluster.name} ${token}`;
}

interface Started {
  readonly tasks: readonly EmbeddedTask[];
  readonly failures: readonly LaunchFault[];
}

function startTasks(input: JsonObject, cluster: Cluster, parts: RunTaskParts): Started {
  const reference = readText(input, "taskDefinition") ?? "";
  if (reference === "") throw invalidParameter("TaskDefinition can not be blank.");
  const definition = parts.definitions.getActive(reference);
  const request = readRunTask(input, cluster, definition);
  const tasks: EmbeddedTask[] = [];
  const failures: LaunchFault[] = [];
  for (const provider of request.capacityProviders) {
    const fault = parts.world.faults.takeLaunch();
    if (fault === undefined) tasks.push(startTask(request, provider, cluster, definition, parts));
    else failures.push(fault);
  }
  for (const task of tasks) parts.tasks.add(task);
  return { tasks, failures };
}

function startTask(
  request: RunTaskRequest,
  capacityProvider: string | undefined,
  cluster: Cluster,
  definition: TaskDefinition,
  parts: RunTaskParts,
): EmbeddedTask {
  const id = randomHex();
  const arn = parts.arns.task(cluster.name, id);
  const { cpu, memory, startedBy, group, overrides, subnet } = request;
  const containers = definition.containers.map((container) => {
    const override = request.containerOverrides.get(container.name);
    return new TaskContainer(container, parts.arns.container(cluster.name, id), {
      image: container.image,
      ...(container.entryPoint.length > 0 && { entryPoint: container.entryPoint }),
      command: override?.command ?? container.command,
      environment: {
        ...parts.environment(),
        ...Object.fromEntries(container.environment),
        ...Object.fromEntries(override?.environment ?? []),
        ECS_CONTAINER_METADATA_URI_V4: parts.endpoint() + parts.metadata.open(() => task, container.name),
      },
      taskArn: arn,
      containerName: container.name,
      limits: { cpuUnits: parseCpu(cpu), memoryMib: container.memoryMib ?? parseMemory(memory) },
      confinement: container.confinement,
    });
  });
  const task: EmbeddedTask = new EmbeddedTask(
    {
      id,
      arn,
      cluster,
      definition,
      cpu,
      memory,
      capacityProvider,
      startedBy,
      group,
      overrides,
      subnet,
      tags: new Map(request.tags),
      containers,
    },
    parts.world,
  );
  return task;
}
