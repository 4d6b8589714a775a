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

/** What usually helps against a launch that ECS refuses. Why a worker that was launched stopped, the fleet explains. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /AccessDenied|not authorized/iu,
    "allow the driver ecs:RunTask on this task definition and iam:PassRole on its roles",
  ],
  [/ExpiredToken|UnrecognizedClient/iu, "renew the AWS credentials, for example with `aws sso login`"],
  [/No Fargate configuration|Invalid 'cpu'/iu, "choose a pair of cpu and memory that Fargate offers"],
  [/ClusterNotFound|INACTIVE|MISSING/iu, "deploy the stack again, and check name and region of the cluster"],
];

/** The refusal in ECS's words, with what usually helps. */
export function explainRefusal(failure: LaunchFailure): string {
  const text = failureText(failure);
  const remedy = remedies.find(([pattern]) => pattern.test(text))?.[1];
  return remedy === undefined ? text : `${text} (${remedy})`;
}
