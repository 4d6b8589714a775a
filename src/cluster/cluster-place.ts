/** Where a temporary cluster is opened: what the stack made, or what the user named. */

/** Fargate's two processor architectures; an image is built for one of them. */
export type Architecture = "ARM64" | "X86_64";

export interface ClusterPlace {
  /** For messages: `the stack Cloudburst in eu-west-1`. */
  readonly description: string;
  /** Name of the CloudFormation stack; undefined when the place was told by explicit values. */
  readonly stack: string | undefined;
  readonly bucket: string;
  /** Name of the ECS cluster. */
  readonly ecsCluster: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
  readonly logGroup: string | undefined;
  /** KMS key that the stack was given: runs use it unless they name another. */
  readonly kmsKeyId: string | undefined;
  readonly taskRoleArn: string | undefined;
  readonly executionRoleArn: string | undefined;
  /** Families that the driver may register and run begin with it. */
  readonly familyPrefix: string;
  /** Family of the task definition that the place comes with. */
  readonly taskDefinitionFamily: string | undefined;
  readonly containerName: string;
  /** The image of that definition. */
  readonly image: string | undefined;
  /** The architecture of that image. */
  readonly architecture: Architecture | undefined;
}
