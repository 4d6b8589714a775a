/** Which task definition a cluster's workers run, and what each launch says besides. */
import type { ContainerOverride, TaskOverride } from "@aws-sdk/client-ecs";
import { InvalidOptionError } from "../base/errors.ts";
import type { Architecture, ClusterPlace } from "./cluster-place.ts";
import { definitionContent } from "./definition-content.ts";
import type { FargateClusterOptions } from "./fargate-options.ts";
import type { DefinitionContent, KnownDefinition } from "./task-definition.ts";
import { resolveWorkerSize, type WorkerSize } from "./worker-size.ts";

/** Workers of a definition that exists, or of one that is registered if its content is new. */
export type WorkerPlan = PlannedWorker &
  ({ readonly kind: "existing"; readonly arn: string } | { readonly kind: "own"; readonly content: DefinitionContent });

interface PlannedWorker {
  readonly size: WorkerSize;
  readonly image: string;
  readonly architecture: Architecture;
  /** What each launch changes of the definition, besides the container. */
  readonly task: TaskOverride;
  /** What each launch changes of the container, besides the run's own variables. */
  readonly container: ContainerOverride & { readonly name: string };
}

/** Usual size of a worker whose definition is not the stack's: 1 vCPU with the least memory. */
const usualSize: WorkerSize = { cpu: 1024, memoryMiB: 2048 };
/** RunTask takes so much as overrides ... */
const maxOverrideCharacters = 8192;
/** ... of which this much is kept for queues, bucket, sizes and the JSON around them. */
const keptCharacters = 2000;

/** The definition that exists and does what is asked, if any; a launch may still change size, variables, roles and disk. */
export function findReference(options: FargateClusterOptions, place: ClusterPlace): string | undefined {
  if (options.taskDefinition !== undefined) return options.taskDefinition;
  const { image, architecture, logGroup, secrets, volumes, user, readOnlyRoot, logStreamPrefix } = options;
  const asDeployed =
    (image ?? place.image) === place.image &&
    (architecture ?? place.architecture) === place.architecture &&
    [logGroup, secrets, volumes, user, readOnlyRoot, logStreamPrefix].every((option) => option === undefined) &&
    fitsOverrides(variablesOf(options));
  return asDeployed ? place.taskDefinitionFamily : undefined;
}

/** @throws InvalidOptionError for a size that Fargate does not have, and for variables that RunTask does not take */
export function planOnExisting(options: FargateClusterOptions, definition: KnownDefinition): WorkerPlan {
  const environment = variablesOf(options);
  if (!fitsOverrides(environment)) {
    throw new InvalidOptionError(
      `FargateCluster: \`environment\` is too long to travel beside a task definition of your own: RunTask takes ${maxOverrideCharacters} characters (put the variables into the definition)`,
    );
  }
  const { arn, image, architecture, containerName, containerMemoryMiB } = definition;
  const { ephemeralStorageGiB, taskRoleArn, executionRoleArn } = options;
  const size = resolveWorkerSize(options, definition.size);
  const resized = size.cpu !== definition.size.cpu || size.memoryMiB !== definition.size.memoryMiB;
  return {
    kind: "existing",
    arn,
    size,
    image,
    architecture,
    task: {
      ...(resized && { cpu: String(size.cpu), memory: String(size.memoryMiB) }),
      ...(ephemeralStorageGiB !== undefined && { ephemeralStorage: { sizeInGiB: ephemeralStorageGiB } }),
      ...(taskRoleArn !== undefined && { taskRoleArn }),
      ...(executionRoleArn !== undefined && { executionRoleArn }),
    },
    container: {
      ...containerOverride(containerName, environment, options),
      // A container's own limit must not be above the task's, and would keep a larger task's memory from it.
      ...(resized && containerMemoryMiB !== undefined && { memory: size.memoryMiB }),
    },
  };
}

/** @throws InvalidOptionError for a size that Fargate does not have, and where an image is missing */
export function planOwn(options: FargateClusterOptions, place: ClusterPlace, region: string): WorkerPlan {
  const image = options.image ?? place.image;
  if (image === undefined) {
    throw new InvalidOptionError(`FargateCluster: ${place.description} tells of no image (give \`image\`)`);
  }
  const architecture = options.architecture ?? place.architecture ?? "X86_64";
  const size = resolveWorkerSize(options, usualSize);
  const containerName = options.containerName ?? place.containerName;
  const given = variablesOf(options);
  const [travelling, fixed] = fitsOverrides(given) ? [given, []] : [[], given];
  return {
    kind: "own",
    content: definitionContent({
      place,
      options,
      containerName,
      image,
      architecture,
      size,
      region,
      environment: fixed,
    }),
    size,
    image,
    architecture,
    task: {},
    container: containerOverride(containerName, travelling, options),
  };
}

/** All that a launch says of the definition. @throws InvalidOptionError when it is more than RunTask takes */
export function launchOverrides(plan: WorkerPlan, runVariables: Readonly<Record<string, string>>): TaskOverride {
  const environment = [...(plan.container.environment ?? []), ...variables(runVariables)];
  const overrides = { ...plan.task, containerOverrides: [{ ...plan.container, environment }] };
  const characters = JSON.stringify(overrides).length;
  if (characters <= maxOverrideCharacters) return overrides;
  throw new InvalidOptionError(
    `FargateCluster: \`command\` and the variables have ${characters} characters, and RunTask takes ${maxOverrideCharacters} (shorten \`command\`)`,
    { characters },
  );
}

type Variables = readonly { readonly name: string; readonly value: string }[];

function containerOverride(name: string, environment: Variables, { command }: FargateClusterOptions) {
  return { name, environment: [...environment], ...(command !== undefined && { command: [...command] }) };
}

function variablesOf({ environment = {} }: FargateClusterOptions): Variables {
  return variables(environment);
}

/** In the order of their names, so that the same variables make the same definition. */
function variables(record: Readonly<Record<string, string>>): Variables {
  return Object.entries(record)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
}

function fitsOverrides(environment: Variables): boolean {
  return JSON.stringify(environment).length <= maxOverrideCharacters - keptCharacters;
}
