/** Why ECS started fewer workers than asked, in the few kinds that call for different answers. */

/** A row of `failures[]` in a reply of status 200, or an exception: its name as `reason`, its message as `detail`. */
export interface LaunchFailure {
  readonly reason: string;
  readonly detail: string | undefined;
}

/**
 * `throttled`: too fast; `capacity`: Fargate has none of it now; `quota`: the account's limit is reached;
 * `permanent`: it will never work; `transient`: unknown or passing, the same request may be repeated.
 */
export type FailureKind = "throttled" | "capacity" | "quota" | "permanent" | "transient";

/** The first that fits, tried in this order: throttling also comes as InvalidParameterException when EC2 refuses ECS. */
const kinds: readonly (readonly [FailureKind, RegExp])[] = [
  ["throttled", /throttl|rate exceeded|RequestLimitExceeded|TooManyRequests/iu],
  ["quota", /limit on the number of (vcpus|tasks)|vcpu.*limit|limit.*vcpu|LimitExceeded/iu],
  ["capacity", /capacity is unavailable|^RESOURCE:|insufficient capacity|SpotInterruption/iu],
  [
    "permanent",
    /AccessDenied|UnrecognizedClient|ExpiredToken|ClientException|InvalidParameter|ClusterNotFound|PlatformUnknown|Blocked|UnsupportedFeature|^MISSING|^INACTIVE|^ATTRIBUTE|^LOCATION/iu,
  ],
];

export function failureKind({ reason, detail }: LaunchFailure): FailureKind {
  const text = `${reason} ${detail ?? ""}`;
  return kinds.find(([, pattern]) => pattern.test(text))?.[0] ?? "transient";
}

export function failureText({ reason, detail }: LaunchFailure): string {
  return detail === undefined || detail === "" ? reason : `${reason}: ${detail}`;
}

/** What usually helps, for permanent failures and for workers that end before they say hello. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /AccessDenied|not authorized/iu,
    "allow the driver ecs:RunTask on this task definition and iam:PassRole on its roles",
  ],
  [/ExpiredToken|UnrecognizedClient/iu, "renew the AWS credentials, for example with `aws sso login`"],
  [/No Fargate configuration|Invalid 'cpu'/iu, "choose a pair of cpu and memory that Fargate offers"],
  [/ClusterNotFound|INACTIVE|MISSING/iu, "deploy the stack again, and check name and region of the cluster"],
  [/CannotPullContainer|pull image/iu, "check the image's name and tag, and that its subnets reach the registry"],
  [
    /ResourceInitialization|unable to pull secrets/iu,
    "give the subnets a route to ECR, CloudWatch Logs and S3: a public address, NAT, or endpoints",
  ],
  [/OutOfMemory|exit code 137/iu, "give the workers more memory"],
  [/exec format error|exit code 255/iu, "build the image for the architecture that the task definition names"],
  [/Network Interface|ENI|IP address/iu, "use larger subnets or more of them: they have no free addresses"],
];

function failureRemedy(text: string): string | undefined {
  return remedies.find(([pattern]) => pattern.test(text))?.[1];
}

/** The text, with what usually helps unless it says so already: remedies stand in brackets, at the end. */
export function withRemedy(text: string): string {
  const remedy = failureRemedy(text);
  return remedy === undefined || text.endsWith(")") ? text : `${text} (${remedy})`;
}
