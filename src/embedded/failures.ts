/**
 * Failures on command: what AWS does to callers that have made a mistake, and to those that have made none. The texts are
 * AWS's own, since callers have to recognise them.
 */
import { AwsError } from "./aws-error.ts";
import type { LaunchFault, Refusal, StartFault } from "./cloud.ts";

/** What is to happen to one request: it is refused, or it is done and nobody hears of it. */
export type RequestFault = { readonly kind: "refused"; readonly refusal: Refusal } | { readonly kind: "reply-lost" };

interface Plan<T> {
  readonly what: T;
  left: number;
}

/**
 * The faults of one embedded cloud; given to it when it starts, changed at any time while it runs. Of several plans for
 * the same thing the oldest comes first.
 */
export class EmbeddedFaults {
  readonly #requests = new Map<string, Plan<RequestFault>[]>();
  readonly #launches: Plan<LaunchFault>[] = [];
  readonly #starts: Plan<StartFault>[] = [];
  readonly #interruptions = new Set<() => number>();

  /**
   * Requests for an operation, named like `ecs:RunTask`, are refused instead of being done.
   * @param times @default until `clear`
   */
  refuse(operation: string, refusal: Refusal, times = Infinity): void {
    this.#plan(operation, { kind: "refused", refusal }, times);
  }

  /** Requests for an operation are done, and the connection breaks before the reply. */
  loseReplies(operation: string, times = Infinity): void {
    this.#plan(operation, { kind: "reply-lost" }, times);
  }

  /** `RunTask` starts none of the next tasks, and says why in `failures[]` of a reply of status 200. */
  failLaunches(fault: LaunchFault, tasks = Infinity): void {
    this.#launches.push({ what: fault, left: tasks });
  }

  /** The next tasks that are run stop instead of starting their containers. */
  failStarts(fault: StartFault, tasks = Infinity): void {
    this.#starts.push({ what: fault, left: tasks });
  }

  /** Takes all tasks on Spot away, with SIGTERM and their stop time-out; returns how many. */
  interruptSpot(): number {
    return [...this.#interruptions].reduce((sum, interrupt) => sum + interrupt(), 0);
  }

  clear(): void {
    this.#requests.clear();
    this.#launches.length = 0;
    this.#starts.length = 0;
  }

  takeRequest(service: string, operation: string): RequestFault | undefined {
    return take(this.#requests.get(`${service}:${operation}`));
  }

  takeLaunch(): LaunchFault | undefined {
    return take(this.#launches);
  }

  takeStart(): StartFault | undefined {
    return take(this.#starts);
  }

  /** The cloud tells how it interrupts its Spot tasks. */
  onInterruption(interrupt: () => number): void {
    this.#interruptions.add(interrupt);
  }

  #plan(operation: string, what: RequestFault, left: number): void {
    const plans = this.#requests.get(operation) ?? [];
    this.#requests.set(operation, [...plans, { what, left }]);
  }
}

function take<T>(plans: readonly Plan<T>[] = []): T | undefined {
  const plan = plans.find(({ left }) => left > 0);
  if (plan !== undefined) plan.left -= 1;
  return plan?.what;
}

/** Who the embedded cloud's caller is; AWS names the caller in each refusal. */
export const callerArn = "arn:aws:sts::000000000000:assumed-role/driver/session";

/** Services whose errors have the names of the older protocols, without `Exception` at the end. */
const olderNames: ReadonlySet<string> = new Set(["cloudformation", "s3", "sqs", "sts"]);

/** The refusal by the name and in the words that the service has for it. */
export function refusalError(service: string, operation: string, refusal: Refusal): AwsError {
  const suffix = olderNames.has(service) ? "" : "Exception";
  switch (refusal.kind) {
    case "access-denied": {
      const message = deniedMessage(service, refusal.action ?? `${service}:${operation}`, refusal.resource);
      return unmodelled(`AccessDenied${suffix}`, message, service === "s3" || service === "sqs" ? 403 : 400);
    }
    case "expired-token": {
      const message =
        service === "s3" ? "The provided token has expired." : "The security token included in the request is expired";
      return unmodelled(`ExpiredToken${suffix}`, message, olderNames.has(service) ? 403 : 400);
    }
    case "unknown-key":
      return unknownKey(service);
    case "throttled":
      return service === "s3"
        ? unmodelled("SlowDown", "Please reduce your request rate.", 503)
        : unmodelled(service === "sqs" ? "RequestThrottled" : "ThrottlingException", "Rate exceeded", 400);
    case "unavailable":
      return unmodelled(`ServiceUnavailable${suffix}`, "Service Unavailable", 503);
    case "error":
      return new AwsError(refusal.code, refusal.message, { status: refusal.status ?? 400 });
  }
}

function unmodelled(code: string, message: string, status: number): AwsError {
  return new AwsError(code, message, { status, modelled: false });
}

function deniedMessage(service: string, action: string, resource: string): string {
  const named = service === "sqs" ? action.toLowerCase() : action; // as SQS does
  const on = service === "s3" ? `"${resource}"` : resource;
  return `User: ${callerArn} is not authorized to perform: ${named} on resource: ${on} because no identity-based policy allows the ${named} action`;
}

function unknownKey(service: string): AwsError {
  const code = service === "s3" ? "InvalidAccessKeyId" : "InvalidClientTokenId";
  if (olderNames.has(service)) return unmodelled(code, "The security token included in the request is invalid.", 403);
  return unmodelled("UnrecognizedClientException", "The security token included in the request is invalid.", 400);
}

/** Why `RunTask` starts nothing, in AWS's words. */
export const launchFaults = {
  noCapacity: {
    reason: "Capacity is unavailable at this time. Please try again later or in a different availability zone",
  },
  vcpuLimit: { reason: "You've reached the limit on the number of vCPUs you can run concurrently" },
} as const satisfies Readonly<Record<string, LaunchFault>>;

const retried = "pull image manifest has been retried";

/** Why a task stops before its container has run, or at once afterwards, in AWS's words. */
export const startFaults = {
  imageMissing: (image: string): StartFault => ({
    code: "TaskFailedToStart",
    reason: `CannotPullContainerError: ${retried} 1 time(s): failed to resolve ref ${image}: ${image}: not found`,
  }),
  imageDenied: (image: string): StartFault => ({
    code: "TaskFailedToStart",
    reason: `CannotPullContainerError: ${retried} 1 time(s): failed to resolve ref ${image}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  }),
  /** The image is there, but not for this architecture. */
  platformMissing: (platform: "linux/amd64" | "linux/arm64"): StartFault => ({
    code: "TaskFailedToStart",
    reason: `CannotPullContainerError: ${retried} 1 time(s): image Manifest does not contain descriptor matching platform '${platform}'`,
  }),
  registryUnreachable: (image: string): StartFault => ({
    code: "TaskFailedToStart",
    reason: `CannotPullContainerError: ${retried} 5 time(s): failed to resolve ref ${image}: failed to do request: Head "https://registry/v2/": dial tcp 203.0.113.7:443: i/o timeout`,
  }),
  noRoute: (region: string): StartFault => ({
    code: "TaskFailedToStart",
    reason: `ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. RequestError: send request failed caused by: Post "https://api.ecr.${region}.amazonaws.com/": dial tcp 203.0.113.7:443: i/o timeout`,
  }),
  noAddresses: (subnet: string): StartFault => ({
    code: "TaskFailedToStart",
    reason: `Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet '${subnet}': InsufficientFreeAddressesInSubnet`,
  }),
  /** The kernel cannot run the image's program: its log says "exec format error", the task only this. */
  wrongArchitecture: {
    code: "EssentialContainerExited",
    reason: "Essential container in task exited",
    exitCode: 255,
  } satisfies StartFault,
  outOfMemory: {
    code: "EssentialContainerExited",
    reason: "Essential container in task exited",
    exitCode: 137,
    containerReason: "OutOfMemoryError: Container killed due to memory usage",
  } satisfies StartFault,
} as const;
