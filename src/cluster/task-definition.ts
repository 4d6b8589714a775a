/**
 * The task definition that workers run. A stack's own is used as it is; another one is registered only when its content is
 * new (docs/decisions/0011-task-definitions.md).
 *
 *  T1 A definition's family ends in the hash of its content: whoever needs the same finds it by name, and no run changes
 *     what another runs.
 */
import { createHash } from "node:crypto";
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import type { Architecture } from "./cluster-place.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";
import type { WorkerSize } from "./worker-size.ts";

/** A definition that exists, as far as a launch has to know it. */
export interface KnownDefinition {
  /** With its revision: what is deployed meanwhile does not change the workers of a run. */
  readonly arn: string;
  readonly containerName: string;
  readonly image: string;
  readonly architecture: Architecture;
  readonly size: WorkerSize;
  /** Limit of the container, which must grow and shrink with the task's. */
  readonly containerMemoryMiB: number | undefined;
}

/** All of a definition but its name. */
export type DefinitionContent = Omit<RegisterTaskDefinitionCommandInput, "family">;

/**
 * @param reference family (its latest revision), `family:revision` or ARN
 * @param wantedContainer undefined takes the only one
 * @throws CloudburstError `no_task_definition`, or what AWS refused and why
 */
export async function describeDefinition(
  ecs: ECSClient,
  reference: string,
  wantedContainer: string | undefined,
): Promise<KnownDefinition> {
  const definition = await find(ecs, reference);
  if (definition?.taskDefinitionArn === undefined) {
    throw new CloudburstError(
      "no_task_definition",
      `there is no active task definition ${reference} (deploy the stack again, or check \`taskDefinition\` and the region)`,
      { data: { taskDefinition: reference } },
    );
  }
  const containers = definition.containerDefinitions ?? [];
  const container =
    containers.find(({ name }) => name === (wantedContainer ?? "worker")) ??
    (wantedContainer === undefined && containers.length === 1 ? containers[0] : undefined);
  if (container?.name === undefined) {
    const names = containers.map(({ name }) => name ?? "").join(", ");
    throw new InvalidOptionError(
      `FargateCluster: the task definition ${reference} has no container ${wantedContainer ?? "worker"} (set \`containerName\` to one of: ${names})`,
      { taskDefinition: reference, containers: names },
    );
  }
  return {
    arn: definition.taskDefinitionArn,
    containerName: container.name,
    image: container.image ?? "",
    architecture: definition.runtimePlatform?.cpuArchitecture === "ARM64" ? "ARM64" : "X86_64",
    size: { cpu: Number(definition.cpu), memoryMiB: Number(definition.memory) },
    containerMemoryMiB: container.memory,
  };
}

/** The ARN of the definition with this content; registered when there is none (T1). */
export async function ensureDefinition(ecs: ECSClient, prefix: string, content: DefinitionContent): Promise<string> {
  const family = `${prefix}worker-${contentHash(content)}`;
  const present = await find(ecs, family);
  if (present?.taskDefinitionArn !== undefined) return present.taskDefinitionArn;
  try {
    const reply = await ecs.send(new RegisterTaskDefinitionCommand({ ...content, family }));
    const arn = reply.taskDefinition?.taskDefinitionArn;
    if (arn !== undefined) return arn;
    throw new CloudburstError("no_task_definition", `ECS gave no ARN for the task definition ${family}`);
  } catch (error) {
    throw awsTrouble(error, {
      doing: `register the task definition ${family}`,
      action: "ecs:RegisterTaskDefinition",
      resource: `the task definition ${family}`,
    });
  }
}

/** 64 bits of SHA-256: enough to tell some thousands of definitions apart, short enough for a console's column. */
function contentHash(content: DefinitionContent): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

/** Undefined when there is none, or none that may be run. */
async function find(ecs: ECSClient, reference: string): Promise<TaskDefinition | undefined> {
  try {
    const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: reference }));
    return taskDefinition?.status === "ACTIVE" ? taskDefinition : undefined;
  } catch (error) {
    // All that ECS says of a definition that it does not know.
    if (toError(error).name === "ClientException") return undefined;
    throw awsTrouble(error, {
      doing: `look up the task definition ${reference}`,
      action: "ecs:DescribeTaskDefinition",
      resource: `the task definition ${reference}`,
    });
  }
}
