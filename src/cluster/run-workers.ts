/** The workers of runs in an ECS cluster, whoever's runs they are. */
import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from "@aws-sdk/client-ecs";

import { runOfDriver } from "./run-queues.ts";

/** Limit of DescribeTasks. */
const maxDescribe = 100;

export interface ListedWorker {
  readonly arn: string;
  /** The run for which it was started; undefined for tasks that nobody started for a run. */
  readonly runId: string | undefined;
}

/** Workers that are starting or running; those of the cluster's services go with the services. */
export async function listWorkers(
  ecs: ECSClient,
  cluster: string,
  signal?: AbortSignal,
): Promise<readonly ListedWorker[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const command = new ListTasksCommand({ cluster, nextToken });
    const page = await ecs.send(command, signal === undefined ? {} : { abortSignal: signal });
    arns.push(...(page.taskArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const tasks = await describeWorkers(ecs, cluster, arns);
  return tasks.flatMap(({ taskArn: arn, group, startedBy }) =>
    arn === undefined || group?.startsWith("service:")
      ? []
      : [{ arn, runId: startedBy === undefined ? undefined : runOfDriver(startedBy) }],
  );
}

export async function describeWorkers(
  ecs: ECSClient,
  cluster: string,
  arns: readonly string[],
): Promise<readonly Task[]> {
  const pages: Task[][] = [];
  for (let from = 0; from < arns.length; from += maxDescribe) {
    const tasks = arns.slice(from, from + maxDescribe);
    pages.push((await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? []);
  }
  return pages.flat();
}
