/** What a check of the fleet contract gets to work with. */

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  CreateClusterCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import type {
  ContainerDefinition,
  ECSClient,
  RegisterTaskDefinitionCommandInput,
  RunTaskCommandInput,
  Task,
} from "@aws-sdk/client-ecs";

/** A running ECS, ours or another's, and an image that behaves as `test/embedded/fixtures/container.mjs` does. */
export interface FleetCloud extends AsyncDisposable {
  readonly client: ECSClient;
  readonly image: string;
  readonly subnets: readonly string[];
}

export interface FleetLab extends FleetCloud {
  /** A fresh cluster. */
  readonly cluster: string;
  /** Registers a definition of one container, which behaves as its command says; returns its ARN. */
  register(
    command: readonly string[],
    container?: Partial<ContainerDefinition>,
    more?: Partial<RegisterTaskDefinitionCommandInput>,
  ): Promise<string>;
  run(taskDefinition: string, more?: Partial<RunTaskCommandInput>): Promise<readonly Task[]>;
  describe(arn: string): Promise<Task>;
  /** The task once it is in that state; fails when it has not come there within half a minute. */
  reach(arn: string, state: "RUNNING" | "STOPPED"): Promise<Task>;
}

const patienceMs = 30_000;

export async function openFleetLab(cloud: FleetCloud): Promise<FleetLab> {
  const { client } = cloud;
  const cluster = `contract-${randomUUID()}`;
  const capacityProviders = ["FARGATE", "FARGATE_SPOT"];
  await client.send(new CreateClusterCommand({ clusterName: cluster, capacityProviders }));
  const lab: FleetLab = {
    ...cloud,
    cluster,
    register: async (command, container = {}, more = {}) => {
      const reply = await client.send(
        new RegisterTaskDefinitionCommand({ ...definition(cloud, command, container), ...more }),
      );
      return reply.taskDefinition?.taskDefinitionArn ?? "";
    },
    run: async (taskDefinition, more = {}) => {
      const reply = await client.send(
        new RunTaskCommand({
          cluster,
          taskDefinition,
          launchType: "FARGATE",
          networkConfiguration: { awsvpcConfiguration: { subnets: [...cloud.subnets], assignPublicIp: "ENABLED" } },
          ...more,
        }),
      );
      if ((reply.failures ?? []).length > 0) throw new Error(`tasks were not run: ${JSON.stringify(reply.failures)}`);
      return reply.tasks ?? [];
    },
    describe: async (arn) => {
      const { tasks } = await client.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
      const [task] = tasks ?? [];
      if (task === undefined) throw new Error(`there is no task ${arn}`);
      return task;
    },
    reach: async (arn, state) => {
      const until = Date.now() + patienceMs;
      for (;;) {
        const task = await lab.describe(arn);
        if (task.lastStatus === state) return task;
        if (Date.now() > until) throw new Error(`the task is ${task.lastStatus ?? "in no state"}, not ${state}`);
        await delay(10);
      }
    },
  };
  return lab;
}

export function definition(
  { image }: FleetCloud,
  command: readonly string[],
  container: Partial<ContainerDefinition> = {},
): RegisterTaskDefinitionCommandInput {
  return {
    family: `contract-${randomUUID()}`,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    // Node would not hear a SIGTERM that comes before it has installed a handler, were it the first process itself.
    containerDefinitions: [
      {
        name: "main",
        image,
        command: [...command],
        essential: true,
        linuxParameters: { initProcessEnabled: true },
        ...container,
      },
    ],
  };
}

/** How a rejection of the SDK looks, for `rejects.toMatchObject`. */
export function ecsError(name: string): object {
  return { name, $metadata: { httpStatusCode: 400 } };
}
export function arnOf(task: Task | undefined): string {
  if (task?.taskArn === undefined) throw new Error("no task was run");
  return task.taskArn;
}
