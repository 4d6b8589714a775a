/** The fleet port on ECS. No policy here: how many, when and where is for the callers to decide. */
import {
  DescribeTasksCommand,
  type ECSClient,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import { CloudburstError } from "../base/errors.ts";
import type { Fleet, WorkerTask } from "./fleet.ts";

/** Limits of RunTask and DescribeTasks. */
const maxLaunch = 10;
const maxDescribe = 100;

export type LaunchTemplate = Omit<RunTaskCommandInput, "count" | "clientToken">;

export function createEcsFleet(client: ECSClient, template: LaunchTemplate): Fleet {
  const { cluster } = template;

  const launchBatch = async (count: number, token: string): Promise<string[]> => {
    const reply = await client.send(new RunTaskCommand({ ...template, count, clientToken: token }));
    const ids = (reply.tasks ?? []).flatMap((task) => idOf(task.taskArn));
    // A shortfall is told in a reply of status 200, and is an error only when nothing was started.
    if (ids.length === 0)
      throw new CloudburstError("launch_failed", launchFailure(reply.failures), { retryable: true });
    return ids;
  };

  return {
    launch: async (count, token) => {
      const ids: string[] = [];
      for (let from = 0; from < count; from += maxLaunch) {
        ids.push(...(await launchBatch(Math.min(maxLaunch, count - from), `${token}-${String(from)}`)));
      }
      return ids;
    },
    observe: async (ids) => {
      const seen: WorkerTask[] = [];
      for (let from = 0; from < ids.length; from += maxDescribe) {
        const asked = ids.slice(from, from + maxDescribe);
        const reply = await client.send(new DescribeTasksCommand({ cluster, tasks: [...asked] }));
        const found = (reply.tasks ?? []).flatMap(workerTask);
        const known = new Set(found.map(({ id }) => id));
        const gone = asked.filter((id) => !known.has(id));
        seen.push(...found, ...gone.map((id): WorkerTask => ({ id, status: "unknown", reason: undefined })));
      }
      return seen;
    },
    stop: async (ids, reason) => {
      await Promise.all(ids.map((task) => client.send(new StopTaskCommand({ cluster, task, reason }))));
    },
  };
}

function idOf(arn: string | undefined): string[] {
  const id = arn?.split("/").at(-1);
  return id === undefined ? [] : [id];
}

function workerTask(task: Task): WorkerTask[] {
  return idOf(task.taskArn).map((id) => ({ id, status: statusOf(task.lastStatus), reason: reasonOf(task) }));
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

function launchFailure(
  failures: readonly { reason?: string | undefined; detail?: string | undefined }[] | undefined,
): string {
  const reasons = (failures ?? []).map(({ reason, detail }) => [reason, detail].filter(Boolean).join(" "));
  return `ECS started no worker: ${[...new Set(reasons)].join("; ") || "it gave no reason"}`;
}
