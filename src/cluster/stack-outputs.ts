/**
 * What a deployed stack tells its drivers. A driver finds the stack by name and reads these outputs; nothing else of the
 * stack is known to it. The names are a contract between versions: a name may be added, never changed.
 */
export const stackOutputs = {
  /** Bucket of bundles, inputs and packs. */
  bucket: "CloudburstBucket",
  region: "CloudburstRegion",
  /** Name of the ECS cluster in which workers run. */
  ecsCluster: "CloudburstEcsCluster",
  /** Family of the default task definition; a driver runs its latest revision. */
  taskDefinitionFamily: "CloudburstTaskDefinitionFamily",
  /** Prefix of the families that a driver may register and run. */
  taskDefinitionPrefix: "CloudburstTaskDefinitionPrefix",
  /** Name of the worker's container in every task definition. */
  containerName: "CloudburstContainerName",
  /** The image of the default task definition. */
  image: "CloudburstImage",
  /** `ARM64` or `X86_64`. */
  architecture: "CloudburstArchitecture",
  /** Ids, separated by commas. */
  subnets: "CloudburstSubnets",
  /** `own`: made by the stack, with a route to the internet; `existing`: the subnets were there before. */
  network: "CloudburstNetwork",
  securityGroup: "CloudburstSecurityGroup",
  /** `ENABLED` or `DISABLED`, as ECS spells it. */
  assignPublicIp: "CloudburstAssignPublicIp",
  logGroup: "CloudburstLogGroup",
  /** KMS key of bucket and shared queues, for the queues of runs as well; missing when the stack was given none. */
  kmsKeyArn: "CloudburstKmsKeyArn",
  workerRoleArn: "CloudburstWorkerRoleArn",
  executionRoleArn: "CloudburstExecutionRoleArn",
  /** Role that whoever runs flows may assume. */
  driverRoleArn: "CloudburstDriverRoleArn",
  /** The same rights as a managed policy, for attaching to identities that exist already. */
  driverPolicyArn: "CloudburstDriverPolicyArn",
  /** The three of the existing-cluster mode; missing when the stack was deployed without it. */
  sharedQueueUrl: "CloudburstSharedQueueUrl",
  sharedDeadLetterQueueUrl: "CloudburstSharedDeadLetterQueueUrl",
  sharedService: "CloudburstSharedService",
} as const;

export type StackOutput = keyof typeof stackOutputs;

/** Values by our names; undefined where the stack has no such output. */
export type StackValues = Readonly<Partial<Record<StackOutput, string>>>;

/** Picks ours out of a stack's outputs, by the keys that CloudFormation has them under. */
export function readStackValues(outputs: Readonly<Record<string, unknown>>): StackValues {
  return Object.fromEntries(
    Object.entries(stackOutputs).flatMap(([name, key]) => {
      const value = outputs[key];
      return typeof value === "string" && value !== "" ? [[name, value]] : [];
    }),
  );
}
