import { notImplemented } from "../aws-error.ts";
import { readBoolean, readInteger, readList, readObject, readObjects, readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { assignProviders, readStrategy } from "./strategy.ts";
import { checkStrategy } from "./clusters.ts";
import type { Cluster, StrategyItem } from "./clusters.ts";
import { readEnvironment } from "./container-definition.ts";
import { invalidParameter } from "./ecs-errors.ts";
import { readTags } from "./tags.ts";
import { checkFargateSize } from "./task-definition.ts";
import type { TaskDefinition } from "./task-definition.ts";

const maxCount = 10;
const maxOverrideCharacters = 8192;
const limits = { subnets: 16, securityGroups: 5 };

/** What an override says of one container. */
export interface ContainerOverride {
  readonly command: readonly string[] | undefined;
  readonly environment: ReadonlyMap<string, string>;
}

/** A `RunTask` request that ECS would accept. */
export interface RunTaskRequest {
  readonly count: number;
  /** Of each task in turn; undefined for one that was asked for by launch type. */
  readonly capacityProviders: readonly (string | undefined)[];
  readonly cpu: string;
  readonly memory: string;
  readonly containerOverrides: ReadonlyMap<string, ContainerOverride>;
  readonly overrides: JsonObject;
  readonly startedBy: string | undefined;
  readonly group: string;
  readonly subnet: string;
  readonly tags: ReadonlyMap<string, string>;
}

/** Checks the request as ECS does on Fargate. */
export function readRunTask(input: JsonObject, cluster: Cluster, definition: TaskDefinition): RunTaskRequest {
  refuseUnsupported(input);
  const count = readInteger(input, "count") ?? 1;
  if (count < 1 || count > maxCount) {
    throw invalidParameter(`count must be 1 to ${maxCount}, got ${count}`);
  }
  const overrides = readObject(input, "overrides") ?? {};
  const cpu = readText(overrides, "cpu") ?? definition.cpu;
  const memory = readText(overrides, "memory") ?? definition.memory;
  const capacityProviders = readPlacement(input, cluster, definition, count);
  const subnet = readSubnet(input);
  checkFargateSize(cpu, memory);
  return {
    count,
    capacityProviders,
    cpu: cpu ?? "",
    memory: memory ?? "",
    containerOverrides: readOverrides(overrides, definition),
    overrides: { containerOverrides: [], ...overrides },
    startedBy: readStartedBy(input),
    group: readText(input, "group") ?? `family:${definition.family}`,
    subnet,
    tags: readTags(input),
  };
}

function refuseUnsupported(input: JsonObject): void {
  if (readBoolean(input, "enableExecuteCommand") === true) throw notImplemented("ecs", "enableExecuteCommand");
  if ((readList(input, "volumeConfigurations") ?? []).length > 0) throw notImplemented("ecs", "volumeConfigurations");
  for (const name of ["placementConstraints", "placementStrategy"]) {
    if ((readList(input, name) ?? []).length > 0) throw invalidParameter(`${name} is not supported with Fargate.`);
  }
}

function readPlacement(
  input: JsonObject,
  cluster: Cluster,
  definition: TaskDefinition,
  count: number,
): readonly (string | undefined)[] {
  const launchType = readText(input, "launchType");
  const given = readStrategy(input, "capacityProviderStrategy");
  if (launchType !== undefined && given.length > 0) {
    throw invalidParameter(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  }
  const strategy: readonly StrategyItem[] =
    launchType === undefined && given.length === 0 ? cluster.defaultStrategy : given;
  checkStrategy(strategy, cluster.capacityProviders);
  // Neither a launch type nor a strategy means EC2, and there are no instances here.
  if (strategy.length === 0 && launchType !== "FARGATE") {
    throw invalidParameter("No Container Instances were found in your cluster.");
  }
  if (!definition.runsOnFargate) throw invalidParameter("Task definition does not support launch_type FARGATE.");
  return strategy.length === 0 ? Array.from({ length: count }, () => undefined) : assignProviders(strategy, count);
}

function readSubnet(input: JsonObject): string {
  const network = readObject(readObject(input, "networkConfiguration") ?? {}, "awsvpcConfiguration");
  if (network === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const subnets = readTexts(network, "subnets") ?? [];
  const groups = readTexts(network, "securityGroups") ?? [];
  const [subnet] = subnets;
  if (subnet === undefined) throw invalidParameter("subnets can not be empty.");
  if (subnets.length > limits.subnets || groups.length > limits.securityGroups) {
    throw invalidParameter(
      `at most ${limits.subnets} subnets and ${limits.securityGroups} security groups are allowed`,
    );
  }
  return subnet;
}

function readOverrides(overrides: JsonObject, definition: TaskDefinition): ReadonlyMap<string, ContainerOverride> {
  if (JSON.stringify(overrides).length > maxOverrideCharacters) {
    throw invalidParameter(`Container Overrides length must be at most ${maxOverrideCharacters}`);
  }
  return new Map(
    (readObjects(overrides, "containerOverrides") ?? []).map((override) => {
      const name = readText(override, "name") ?? "";
      if (!definition.containers.some((container) => container.name === name)) {
        throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
      }
      return [name, { command: readTexts(override, "command"), environment: readEnvironment(override) }];
    }),
  );
}

function readStartedBy(input: JsonObject): string | undefined {
  const startedBy = readText(input, "startedBy");
  if (startedBy === undefined || /^[\w/-]{1,128}$/.test(startedBy)) return startedBy;
  throw invalidParameter("startedBy must have 1 to 128 characters: letters, numbers, hyphens, slashes and underscores");
}
