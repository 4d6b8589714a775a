import type { ServiceResponse } from "../service.ts";
import { desiredStatus } from "./describe-task.ts";
import { randomHex } from "./ecs-arns.ts";
import type { EmbeddedTask } from "./embedded-task.ts";
import { parseCpu, parseMemory } from "./fargate-sizes.ts";
import type { TaskContainer } from "./task-container.ts";

/** No bucket can be called that, so these paths cannot be S3's. */
const root = "/v4/";

/**
 * The task metadata endpoint, version 4. Containers read it unsigned, as on Fargate, where only they can reach it;
 * here the random token in each container's URL stands for that.
 */
export class TaskMetadata {
  readonly #containers = new Map<string, { readonly task: () => EmbeddedTask; readonly name: string }>();

  /** Path of a new container's metadata; `task` is asked when the path is read. */
  open(task: () => EmbeddedTask, name: string): string {
    const token = randomHex();
    this.#containers.set(token, { task, name });
    return root + token;
  }

  close(task: EmbeddedTask): void {
    for (const [token, entry] of this.#containers) if (entry.task() === task) this.#containers.delete(token);
  }

  /** Undefined for paths that are not the metadata endpoint's. */
  answer(path: string): ServiceResponse | undefined {
    if (!path.startsWith(root)) return undefined;
    const [token = "", page] = path.slice(root.length).split("/");
    const entry = this.#containers.get(token);
    if (entry === undefined) return { status: 404 };
    const task = entry.task();
    const container = task.plan.containers.find(({ definition }) => definition.name === entry.name);
    if (page === undefined && container !== undefined) return json(containerMetadata(task, container));
    return page === "task" ? json(taskMetadata(task)) : { status: 404 };
  }
}

function json(value: object): ServiceResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function taskMetadata(task: EmbeddedTask): object {
  const { plan, progress } = task;
  return {
    Cluster: plan.cluster.arn,
    TaskARN: plan.arn,
    Family: plan.definition.family,
    Revision: String(plan.definition.revision),
    DesiredStatus: desiredStatus(task),
    KnownStatus: progress.state,
    Limits: { CPU: parseCpu(plan.cpu) / 1024, Memory: parseMemory(plan.memory) },
    PullStartedAt: isoTime(progress.times.pullStartedAt),
    PullStoppedAt: isoTime(progress.times.pullStoppedAt),
    AvailabilityZone: "local",
    LaunchType: "FARGATE",
    Containers: plan.containers.map((container) => containerMetadata(task, container)),
  };
}

function containerMetadata(task: EmbeddedTask, container: TaskContainer): object {
  return {
    DockerId: container.arn.slice(container.arn.lastIndexOf("/") + 1),
    Name: container.definition.name,
    Image: container.definition.image,
    DesiredStatus: desiredStatus(task),
    KnownStatus: container.status,
    Type: "NORMAL",
    ContainerARN: container.arn,
    Labels: {
      "com.amazonaws.ecs.cluster": task.plan.cluster.arn,
      "com.amazonaws.ecs.task-arn": task.plan.arn,
      "com.amazonaws.ecs.task-definition-family": task.plan.definition.family,
      "com.amazonaws.ecs.task-definition-version": String(task.plan.definition.revision),
    },
  };
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
