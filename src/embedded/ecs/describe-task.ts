import type { JsonObject } from "../json-input.ts";
import { describeTags } from "./tags.ts";
import type { EmbeddedTask } from "./embedded-task.ts";
import type { TaskTimes } from "./task-state.ts";

/** The task as ECS describes it. */
export function describeTask(task: EmbeddedTask, withTags: boolean): JsonObject {
  const { plan, progress, cause } = task;
  return {
    taskArn: plan.arn,
    clusterArn: plan.cluster.arn,
    taskDefinitionArn: plan.definition.arn,
    lastStatus: progress.state,
    desiredStatus: desiredStatus(task),
    version: progress.version,
    containers: plan.containers.map((container) => container.describe(plan.arn)),
    overrides: plan.overrides,
    cpu: plan.cpu,
    memory: plan.memory,
    ephemeralStorage: { sizeInGiB: 20 },
    launchType: "FARGATE",
    platformVersion: "1.4.0",
    platformFamily: "Linux",
    availabilityZone: "local",
    connectivity: "CONNECTED",
    enableExecuteCommand: false,
    healthStatus: "UNKNOWN",
    group: plan.group,
    attachments: [networkInterface(task)],
    attributes: [],
    inferenceAccelerators: [],
    tags: withTags ? describeTags(plan.tags) : [],
    ...(plan.startedBy === undefined ? {} : { startedBy: plan.startedBy }),
    ...(plan.capacityProvider === undefined ? {} : { capacityProviderName: plan.capacityProvider }),
    ...(cause === undefined ? {} : { stopCode: cause.code, stoppedReason: cause.reason }),
    ...inSeconds(progress.times),
  };
}

/** What ECS wants of the task: it changes as soon as anything ends the task. */
export function desiredStatus(task: EmbeddedTask): "RUNNING" | "STOPPED" {
  return task.cause === undefined ? "RUNNING" : "STOPPED";
}

function networkInterface({ plan, progress }: EmbeddedTask): JsonObject {
  return {
    id: `eni-${plan.id}`,
    type: "ElasticNetworkInterface",
    status: progress.state === "STOPPED" ? "DELETED" : "ATTACHED",
    details: [
      { name: "subnetId", value: plan.subnet },
      { name: "privateIPv4Address", value: "127.0.0.1" },
    ],
  };
}

/** AwsJson writes times as seconds. */
function inSeconds(times: TaskTimes): JsonObject {
  return Object.fromEntries(Object.entries(times).map(([name, ms]: [string, number]) => [name, ms / 1000]));
}
