import { isFargateSize } from "../../base/fargate-sizes.ts";
import { readObjects, readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { checkForFargate, describeContainer, readContainer } from "./container-definition.ts";
import type { ContainerDefinition } from "./container-definition.ts";
import { clientException } from "./ecs-errors.ts";
import { parseCpu, parseMemory } from "./fargate-sizes.ts";

const maxContainers = 10;
const maxBytes = 65_536;

/** A revision of a family. */
export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly containers: readonly ContainerDefinition[];
  readonly cpu: string | undefined;
  readonly memory: string | undefined;
  readonly networkMode: string;
  readonly runsOnFargate: boolean;
  readonly given: JsonObject;
  readonly tags: Map<string, string>;
  readonly registeredAt: number;
  deregisteredAt: number | undefined;
}

/** What a request says of a definition that has no revision yet. */
export type ParsedDefinition = Omit<TaskDefinition, "arn" | "revision" | "tags" | "registeredAt" | "deregisteredAt">;

/** Checks a `RegisterTaskDefinition` request as ECS does. */
export function parseDefinition(input: JsonObject): ParsedDefinition {
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > maxBytes) {
    throw clientException(`Actual length: '${bytes}'. Max allowed length is '${maxBytes}' bytes.`);
  }
  const family = readText(input, "family") ?? "";
  if (!/^[\w-]{1,255}$/.test(family)) throw clientException(`Family contains invalid characters: "${family}".`);
  const definition = {
    family,
    containers: readContainers(input),
    cpu: readText(input, "cpu"),
    memory: readText(input, "memory"),
    networkMode: readText(input, "networkMode") ?? "bridge",
    runsOnFargate: (readTexts(input, "requiresCompatibilities") ?? []).includes("FARGATE"),
    given: input,
  };
  if (definition.runsOnFargate) checkFargate(definition);
  return definition;
}

/** Throws unless Fargate runs this pair; also for the sizes that a `RunTask` override gives. */
export function checkFargateSize(cpu: string | undefined, memory: string | undefined): void {
  if (cpu === undefined) throw clientException("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw clientException("Fargate requires that 'memory' be defined at the task level.");
  if (Number.isNaN(parseCpu(cpu))) throw clientException(`Invalid 'cpu' setting for task: ${cpu}.`);
  if (Number.isNaN(parseMemory(memory))) throw clientException(`Invalid 'memory' setting for task: ${memory}.`);
  if (!isFargateSize(parseCpu(cpu), parseMemory(memory))) {
    throw clientException(
      `No Fargate configuration exists for given values: ${parseCpu(cpu)} CPU, ${parseMemory(memory)} memory.`,
    );
  }
}

export function describeDefinition(definition: TaskDefinition): JsonObject {
  return {
    volumes: [],
    placementConstraints: [],
    ...definition.given,
    tags: undefined, // they stand beside the definition in a reply, not in it
    containerDefinitions: definition.containers.map(describeContainer),
    networkMode: definition.networkMode,
    compatibilities: definition.runsOnFargate ? ["EC2", "FARGATE"] : ["EC2"],
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.deregisteredAt === undefined ? "ACTIVE" : "INACTIVE",
    registeredAt: definition.registeredAt / 1000,
    ...(definition.deregisteredAt === undefined ? {} : { deregisteredAt: definition.deregisteredAt / 1000 }),
  };
}

function readContainers(input: JsonObject): readonly ContainerDefinition[] {
  const containers = (readObjects(input, "containerDefinitions") ?? []).map(readContainer);
  if (containers.length === 0) throw clientException("Container list cannot be empty.");
  if (containers.length > maxContainers) {
    throw clientException(`Too many containers: at most ${maxContainers} per task definition.`);
  }
  const names = new Set(containers.map((container) => container.name));
  if (names.size < containers.length) throw clientException("Container names must be unique in a task definition.");
  if (!containers.some((container) => container.essential)) {
    throw clientException("Task definition does not have any essential container.");
  }
  return containers;
}

function checkFargate({ containers, cpu, memory, networkMode }: ParsedDefinition): void {
  if (networkMode !== "awsvpc") throw clientException("Fargate only supports network mode 'awsvpc'.");
  checkFargateSize(cpu, memory);
  containers.forEach(checkForFargate);
  const containersMib = containers.reduce((sum, container) => sum + (container.memoryMib ?? 0), 0);
  if (containersMib > parseMemory(memory ?? "")) {
    throw clientException("Invalid setting for container: the containers' memory is greater than the task's.");
  }
}
