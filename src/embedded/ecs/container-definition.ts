import type { ContainerConfinement } from "../cloud.ts";
import { readBoolean, readInteger, readList, readObject, readObjects, readText, readTexts } from "../json-input.ts";
import type { JsonObject } from "../json-input.ts";
import { readConfinement } from "./container-confinement.ts";
import { clientException } from "./ecs-errors.ts";

/** A container of a task definition: what the embedded cloud acts on, and the whole as it was given. */
export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly cpuUnits: number;
  readonly memoryMib: number | undefined;
  readonly stopTimeoutMs: number;
  readonly confinement: ContainerConfinement;
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly given: JsonObject;
}

/** ECS's own default, and the range that Fargate allows. */
const stopTimeoutSeconds = { default: 30, min: 2, max: 120 };

/** What a container may not ask for on Fargate, at its top level and in `linuxParameters`. */
const refusedByFargate = ["disableNetworking", "dnsSearchDomains", "dnsServers", "extraHosts", "hostname", "links"];
const refusedLinuxParameters = ["devices", "maxSwap", "sharedMemorySize", "swappiness", "tmpfs"];

export function readContainer(input: JsonObject): ContainerDefinition {
  const name = readText(input, "name") ?? "";
  const image = readText(input, "image") ?? "";
  if (!/^[\w-]{1,255}$/.test(name)) throw clientException(`Container.name contains invalid characters: "${name}".`);
  if (image === "") throw clientException(`Container.image should not be null or empty (container ${name}).`);
  return {
    name,
    image,
    essential: readBoolean(input, "essential") ?? true,
    cpuUnits: readInteger(input, "cpu") ?? 0,
    memoryMib: readInteger(input, "memory") ?? readInteger(input, "memoryReservation"),
    stopTimeoutMs: readStopTimeout(input) * 1000,
    confinement: readConfinement(input),
    entryPoint: readTexts(input, "entryPoint") ?? [],
    command: readTexts(input, "command") ?? [],
    environment: readEnvironment(input),
    given: input,
  };
}

/** `environment` of a container definition or of a container override. */
export function readEnvironment(input: JsonObject): ReadonlyMap<string, string> {
  return new Map(
    (readObjects(input, "environment") ?? []).map((variable) => {
      const name = readText(variable, "name") ?? "";
      if (name === "" || name.includes("=")) {
        throw clientException(`an environment variable's name must not be empty or contain "=": "${name}"`);
      }
      return [name, readText(variable, "value") ?? ""];
    }),
  );
}

/** Throws where Fargate would refuse the container. */
export function checkForFargate({ given, name }: ContainerDefinition): void {
  const linuxParameters = readObject(given, "linuxParameters") ?? {};
  const refused =
    refusedByFargate.find((member) => isSet(given[member])) ??
    refusedLinuxParameters.find((member) => isSet(linuxParameters[member]));
  if (given["privileged"] === true || refused !== undefined) {
    throw clientException(`Fargate does not support ${refused ?? "privileged"} (container ${name}).`);
  }
}

/** The definition as `DescribeTaskDefinition` shows it: as given, with ECS's defaults. */
export function describeContainer({ given, cpuUnits, essential }: ContainerDefinition): JsonObject {
  const lists = ["environment", "mountPoints", "portMappings", "volumesFrom"];
  const defaults = Object.fromEntries(lists.map((member) => [member, readList(given, member) ?? []]));
  return { ...given, ...defaults, cpu: cpuUnits, essential };
}

function readStopTimeout(input: JsonObject): number {
  const { default: usual, min, max } = stopTimeoutSeconds;
  const seconds = readInteger(input, "stopTimeout") ?? usual;
  if (seconds >= min && seconds <= max) return seconds;
  throw clientException(`stopTimeout must be ${min} to ${max} seconds, got ${seconds}`);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
}
