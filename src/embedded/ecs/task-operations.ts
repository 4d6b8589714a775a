/** Operations on tasks. */

import { notImplemented } from "../aws-error.ts";
import type { AwsOperation } from "../aws-json.ts";
import { readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import type { Cluster } from "./clusters.ts";
import { describeTask, desiredStatus } from "./describe-task.ts";
import { invalidParameter } from "./ecs-errors.ts";
import type { EmbeddedTask } from "./embedded-task.ts";
import { readPage } from "./page.ts";
import { runTask } from "./run-task.ts";
import type { RunTaskParts } from "./run-task.ts";

const maxDescribed = 100;
const filters = ["containerInstance", "desiredStatus", "family", "launchType", "serviceName", "startedBy"];

export function taskOperations(parts: RunTaskParts): Readonly<Record<string, AwsOperation>> {
  const clusterOf = (input: JsonObject): Cluster => parts.clusters.get(readText(input, "cluster"));
  const findIn = (cluster: Cluster, idOrArn: string): EmbeddedTask | undefined => {
    const task = parts.tasks.find(idOrArn);
    return task?.plan.cluster === cluster ? task : undefined;
  };
  return {
    RunTask: (input) => runTask(input, parts),
    DescribeTasks: (input) => {
      const cluster = clusterOf(input);
      const ids = readTexts(input, "tasks") ?? [];
      if (ids.length < 1 || ids.length > maxDescribed) {
        throw invalidParameter(`tasks must name 1 to ${maxDescribed} tasks, got ${ids.length}`);
      }
      parts.tasks.inCluster(cluster.arn); // forgets what is too old
      const withTags = (readTexts(input, "include") ?? []).includes("TAGS");
      const found = ids.map((id) => findIn(cluster, id));
      return {
        tasks: found.filter((task) => task !== undefined).map((task) => describeTask(task, withTags)),
        failures: ids.filter((_id, index) => found[index] === undefined).map((id) => missing(parts, cluster, id)),
      };
    },
    ListTasks: (input) => {
      const tasks = parts.tasks.inCluster(clusterOf(input).arn).filter(readFilter(input));
      const page = readPage(input, tasks, (task) => task.plan.id);
      return {
        taskArns: page.items.map((task) => task.plan.arn),
        ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
      };
    },
    StopTask: (input) => {
      const task = findIn(clusterOf(input), readText(input, "task") ?? "");
      if (task === undefined) throw invalidParameter("The referenced task was not found.");
      task.stop(readText(input, "reason") ?? "Task stopped by user");
      return { task: describeTask(task, false) };
    },
  };
}

function missing(parts: RunTaskParts, cluster: Cluster, idOrArn: string): object {
  const arn = idOrArn.startsWith("arn:") ? idOrArn : parts.arns.task(cluster.name, idOrArn);
  return { arn, reason: "MISSING" };
}

function readFilter(input: JsonObject): (task: EmbeddedTask) => boolean {
  const given = filters.filter((name) => input[name] !== undefined);
  for (const name of ["containerInstance", "serviceName"]) {
    if (given.includes(name)) throw notImplemented("ecs", `the ListTasks filter ${name}`);
  }
  const startedBy = readText(input, "startedBy");
  if (startedBy !== undefined && given.length > 1) {
    throw invalidParameter("startedBy must be the only filter of ListTasks.");
  }
  const wanted = readText(input, "desiredStatus") ?? "RUNNING"; // no task's desired status is ever PENDING
  if (!["RUNNING", "PENDING", "STOPPED"].includes(wanted)) throw invalidParameter("Invalid desiredStatus.");
  const family = readText(input, "family");
  const launchType = readText(input, "launchType");
  return (task) =>
    desiredStatus(task) === wanted &&
    (startedBy === undefined || task.plan.startedBy === startedBy) &&
    (family === undefined || task.plan.definition.family === family) &&
    (launchType === undefined || launchType === "FARGATE");
}
