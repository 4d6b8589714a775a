/** Why a worker stopped, from ECS's own reason, with what helps: the one place that knows remedies for it. */
import type { Architecture } from "../cluster-place.ts";

/** What is known of the workers; each fact makes the remedy more precise. */
export interface StopContext {
  readonly image?: string | undefined;
  readonly architecture?: Architecture | undefined;
  readonly subnets?: readonly string[] | undefined;
  readonly assignPublicIp?: boolean | undefined;
  /** The worker had begun to work: what keeps workers from starting is not what ended it. @default false */
  readonly hadStarted?: boolean | undefined;
}

export type StopKind =
  | "architecture"
  | "image-denied"
  | "image-missing"
  | "image-unreachable"
  | "image-too-large"
  | "pull-limit"
  | "no-route"
  | "role-denied"
  | "log-group-missing"
  | "secret-missing"
  | "no-addresses"
  | "out-of-memory"
  | "no-worker-in-image"
  | "no-capacity";

/** The first that fits: the order goes from what says one thing only to what may have several causes. */
const kinds: readonly (readonly [StopKind, RegExp])[] = [
  ["architecture", /descriptor matching platform|descriptor for platform|no matching manifest|exec format error/iu],
  ["image-too-large", /no space left on device/iu],
  ["pull-limit", /toomanyrequests|pull rate limit/iu],
  ["no-addresses", /InsufficientFreeAddresses|Create Network Interface/iu],
  ["log-group-missing", /log group does not exist|create Cloudwatch log stream/iu],
  [
    "role-denied",
    /AccessDenied(Exception)?\b.*(assumed-role|not authorized)|unable to assume|not authorized to perform/iu,
  ],
  [
    "secret-missing",
    /(secretsmanager|ssm|Secrets Manager|parameter).*(ResourceNotFound|can't find|invalid|not found)/iu,
  ],
  ["image-denied", /CannotPullContainer.*(pull access denied|authorization failed|403 Forbidden|unauthorized)/iu],
  [
    "image-unreachable",
    /CannotPullContainer.*(timeout|dial tcp|deadline exceeded|no such host|unreachable|canceled)/iu,
  ],
  ["image-missing", /CannotPullContainer/iu],
  ["no-route", /ResourceInitializationError/iu],
  ["out-of-memory", /OutOfMemory|exit code 137/iu],
  ["no-worker-in-image", /executable file not found|no such file or directory|exit code 12[67]\b/iu],
  ["no-capacity", /SpotInterruption|Spot Task was interrupted|Capacity is unavailable/iu],
  // All that is told of a program that the kernel cannot run; the container's log has the reason.
  ["architecture", /exit code 255\b/iu],
];

/** Undefined for reasons that are nobody's configuration. */
export function stopKind(reason: string): StopKind | undefined {
  return kinds.find(([, pattern]) => pattern.test(reason))?.[0];
}

/** What may also end a worker that has started. Spot takes back what it gave: that is no lack of configuration. */
const endsRunning: ReadonlySet<StopKind> = new Set(["out-of-memory"]);

/** ECS's reason, and what helps where that is known. */
export function explainStop(reason: string, context: StopContext = {}): string {
  const kind = stopKind(reason);
  const applies = kind !== undefined && (context.hadStarted !== true || endsRunning.has(kind));
  return !applies ? reason : `${reason} (${remedy(kind, context)})`;
}

function remedy(kind: StopKind, context: StopContext): string {
  const image = context.image === undefined ? "the image" : `the image ${context.image}`;
  switch (kind) {
    case "architecture":
      return architectureRemedy(image, context.architecture);
    case "image-missing":
      return `${image} does not exist: check its repository and tag, and that it was pushed to this region`;
    case "image-denied":
      return `${image} does not exist or may not be pulled: check its name; name its ECR repository with \`npx cloudburst deploy -c imageRepositories=<name>\`; other private registries need credentials`;
    case "image-unreachable":
      return `the workers cannot reach the registry: ${routeRemedy(context)}`;
    case "image-too-large":
      return `${image} does not fit on the workers' disk: set ephemeralStorageGiB, up to 200, or make it smaller`;
    case "pull-limit":
      return `the registry limits anonymous pulls, and every worker pulls anew: copy ${image} into ECR of this region`;
    case "no-route":
      return `the workers cannot reach AWS: ${routeRemedy(context)}`;
    case "role-denied":
      return "the execution role must be allowed what the reason names: deploy the stack again, or extend the role of your own executionRoleArn";
    case "log-group-missing":
      return "create the log group, or name one that exists: the execution role may not create it";
    case "secret-missing":
      return "check the ARNs of `secrets`, and name them with `npx cloudburst deploy -c secrets=<arn>`";
    case "no-addresses":
      return "the subnets have no free addresses: name more or larger subnets, or run fewer workers";
    case "out-of-memory":
      return "give the workers more memory";
    case "no-worker-in-image":
      return `${image} has no worker at its entry point: build it from worker-image/Dockerfile`;
    case "no-capacity":
      return "Fargate has no Spot capacity now: use FARGATE, or a mix with fallback, or more subnets";
  }
}

const platforms = { ARM64: "linux/arm64", X86_64: "linux/amd64" } as const;

function architectureRemedy(image: string, architecture: Architecture | undefined): string {
  if (architecture === undefined) {
    return `${image} is not built for the workers' architecture: build it for that one, or set \`architecture\` to the image's`;
  }
  const other = architecture === "ARM64" ? "X86_64" : "ARM64";
  return `${image} is not built for ${architecture}: build it with \`docker build --platform ${platforms[architecture]}\`, or set architecture: "${other}"`;
}

function routeRemedy({ subnets, assignPublicIp }: StopContext): string {
  const which = subnets === undefined || subnets.length === 0 ? "the subnets" : `the subnets ${subnets.join(", ")}`;
  const wayOut =
    assignPublicIp === false
      ? "have no route out: add a NAT gateway or endpoints for ECR, SQS, S3 and CloudWatch Logs, or give workers a public address in public subnets"
      : "have no route out: they need an internet gateway, since workers get a public address, or else a NAT gateway";
  return `${which} ${wayOut}`;
}
