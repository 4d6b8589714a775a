/** The fleet port on ECS. No policy here: how many, when and on which capacity is for the callers to decide. */
import {
  DescribeTasksCommand,
  type ECSClient,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from "@aws-sdk/client-ecs";
import { toError } from "../base/errors.ts";
import { type CapacityPlan, usesSpot } from "./capacity-plan.ts";
import type { Capacity, Fleet, LaunchReply, WorkerTask } from "./fleet.ts";
import { explainStop, type StopContext } from "./preflight/explain-stop.ts";
import { findTasks, stopTasks } from "./stop-tasks.ts";

/** Limit of DescribeTasks. */
const maxDescribe = 100;

/** All of a RunTask request that is the same for every launch of a run. */
export type LaunchTemplate = Omit<
  RunTaskCommandInput,
  "count" | "clientToken" | "launchType" | "capacityProviderStrategy" | "cluster" | "startedBy"
> & {
  readonly cluster: string;
  /** The run's id: by it the run's tasks are found, and no others. */
  readonly startedBy: string;
};

export interface EcsFleetOptions {
  readonly template: LaunchTemplate;
  readonly capacity: CapacityPlan;
  /** For remedies. */
  readonly about: StopContext;
}

export interface EcsFleet extends Fleet {
  /** Stops whatever of the run still lives, also tasks of which no reply told. */
  end(reason: string): Promise<void>;
}

export function createEcsFleet(client: ECSClient, options: EcsFleetOptions): EcsFleet {
  const { template, capacity: plan, about } = options;
  const { cluster, startedBy } = template;
  const living = new Set<string>();

  return {
    prefers: usesSpot(plan) ? "spot" : "on-demand",
    fallsBack: plan.fallBack,
    launch: async ({ count, token, capacity }) => {
      const request = { ...template, ...placement(plan, capacity), count, clientToken: token };
      const reply = await runTask(client, request);
      if (reply.kind === "answered") for (const id of reply.ids) living.add(id);
      return reply;
    },
    explain: (reason, hadStarted) => explainStop(reason, { ...about, hadStarted }),
    observe: async (ids) => {
      const seen: WorkerTask[] = [];
      for (let from = 0; from < ids.length; from += maxDescribe) {
        seen.push(...(await describe(client, cluster, ids.slice(from, from + maxDescribe))));
      }
      for (const { id, status } of seen) if (status === "stopped") living.delete(id);
      return seen;
    },
    stop: async (ids, reason) => {
      const left = ids.filter((id) => living.has(id));
      for (const id of await stopTasks(client, cluster, left, reason)) living.delete(id);
    },
    end: async (reason) => {
      // A task that was just accepted may not be listed yet, and one whose reply was lost is not remembered.
      const listed = await findTasks(client, cluster, startedBy);
      await stopTasks(client, cluster, [...new Set([...living, ...listed])], reason);
      living.clear();
    },
  };
}

async function runTask(client: ECSClient, request: RunTaskCommandInput): Promise<LaunchReply> {
  try {
    const { tasks = [], failures = [] } = await client.send(new RunTaskCommand(request));
    return {
      kind: "answered",
      ids: tasks.flatMap(({ taskArn }) => idOf(taskArn)),
      failures: failures.map(({ reason, detail }) => ({ reason: reason ?? "no reason given", detail })),
    };
  } catch (thrown) {
    const error = toError(thrown);
    return { kind: "refused", failure: { reason: error.name, detail: error.message } };
  }
}

/** On-demand by launch type: unlike a strategy, it needs no capacity provider associated with the ECS cluster. */
function placement(
  { strategy }: CapacityPlan,
  capacity: Capacity,
): Pick<RunTaskCommandInput, "launchType" | "capacityProviderStrategy"> {
  if (capacity === "on-demand") return { launchType: "FARGATE" };
  return { capacityProviderStrategy: strategy.map((item) => ({ ...item })) };
}

async function describe(client: ECSClient, cluster: string, ids: readonly string[]): Promise<WorkerTask[]> {
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: [...ids] }));
  const found = tasks.flatMap(workerTask);
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  return [
    ...found,
    ...unknown.map((id): WorkerTask => ({ id, status: "unknown", reason: undefined, interrupted: false })),
  ];
}

function idOf(arn: string | undefined): string[] {
  const id = arn?.split("/").at(-1);
  return id === undefined ? [] : [id];
}

function workerTask(task: Task): WorkerTask[] {
  return idOf(task.taskArn).map((id) => ({
    id,
    status: statusOf(task.lastStatus),
    reason: reasonOf(task),
    interrupted: task.stopCode === "SpotInterruption",
  }));
}

function statusOf(lastStatus: string | undefined): WorkerTask["status"] {
  switch (lastStatus) {
    case "PROVISIONING":
    case "PENDING":
    case "ACTIVATING":
      return "starting";
    case "RUNNING":
      return "running";
    default:
      return "stopped"; // on its way there, or there
  }
}

function reasonOf(task: Task): string | undefined {
  const container = task.containers?.[0];
  const exit = container?.exitCode === undefined ? undefined : `exit code ${String(container.exitCode)}`;
  const parts = [task.stoppedReason, container?.reason, exit].filter((part) => part !== undefined && part !== "");
  return parts.length === 0 ? undefined : [...new Set(parts)].join(": ");
}
