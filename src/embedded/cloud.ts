/** The embedded cloud's public face. The implementation starts in `start-cloud.ts`. */

import type { ServiceRequest } from "./service.ts";

/** Requests so far: service, then operation, then how many. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface EmbeddedCloudOptions {
  /** TCP port on 127.0.0.1; 0 takes a free one. @default 0 */
  readonly port?: number;
  /** What the holder of the cloud signs with. @default random for each start */
  readonly credentials?: CloudCredentials;
  /** Where programs reach the cloud that do not speak to its port on 127.0.0.1. @default nowhere */
  readonly door?: TlsDoor;
  /** How `RunTask` makes a container of a task definition. @default none: tasks fail to start and say so */
  readonly launcher?: ContainerLauncher;
  /** How long a task waits before its container starts, as finding capacity and pulling take on Fargate. @default 0 */
  readonly startupLatencyMs?: number;
  /** Stacks that CloudFormation describes. @default none */
  readonly stacks?: readonly EmbeddedStack[];
  /** Quotas by service code and quota code, `fargate/L-3032A538`. @default both vCPU quotas of Fargate, at 6 as on new accounts */
  readonly quotas?: Readonly<Record<string, number>>;
  /** Told of each request, before it is answered. @default nobody */
  readonly onRequest?: (seen: SeenRequest) => void;
}

/** A second way in, over TLS, which may stand on any address of this machine. */
export interface TlsDoor {
  /** Address or name of this machine to listen on; `0.0.0.0` is all of them. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM text: the certificate, with those between it and its authority, and its key. */
  readonly cert: string;
  readonly key: string;
}

export interface CloudCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request that a service is about to answer. */
export interface SeenRequest {
  readonly service: string;
  readonly operation: string;
  /** Who signed it: the holder of the cloud's `credentials`, or one of its containers. */
  readonly accessKeyId: string;
  readonly request: Pick<ServiceRequest, "method" | "path" | "query" | "headers" | "body">;
}

/** A stack as `DescribeStacks` shows it. */
export interface EmbeddedStack {
  readonly name: string;
  /** @default CREATE_COMPLETE */
  readonly status?: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** How a request is refused, where AWS's services have different names for the same thing. */
export type Refusal =
  /** @default `action` is the operation that was asked for; it may also be one that goes with it, as `iam:PassRole` does */
  | { readonly kind: "access-denied"; readonly resource: string; readonly action?: string }
  | { readonly kind: "expired-token" }
  | { readonly kind: "unknown-key" }
  | { readonly kind: "throttled" }
  | { readonly kind: "unavailable" }
  | { readonly kind: "error"; readonly code: string; readonly message: string; readonly status?: number };

/** A row of `failures[]` in the reply of `RunTask`. */
export interface LaunchFault {
  readonly reason: string;
  readonly detail?: string;
}

/** How a task ends that never got to work. */
export interface StartFault {
  readonly code: "TaskFailedToStart" | "EssentialContainerExited";
  readonly reason: string;
  /** @default none: the container never ran */
  readonly exitCode?: number;
  /** @default the task's own reason when it failed to start, else none */
  readonly containerReason?: string;
}

/** A running embedded cloud. Disposing of it stops its tasks and its server, and removes what it stored. */
export interface EmbeddedCloud extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: the endpoint of all its services alike. */
  readonly endpoint: string;
  readonly region: string;
  /** Port of the door; undefined without one. */
  readonly doorPort: number | undefined;
  /** Containers have a key of their own, as with a task role; any other key is refused. */
  readonly credentials: CloudCredentials;
  requestCounts(): RequestCounts;
}

/** What a container is started with, as ECS would. */
export interface ContainerSpec {
  readonly image: string;
  /** Replaces the image's. @default the image's own */
  readonly entryPoint?: readonly string[];
  /** Arguments of the entry point; none means the image's own. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly taskArn: string;
  readonly containerName: string;
  /** What the container may take. @default no limit */
  readonly limits?: { readonly cpuUnits: number; readonly memoryMib: number };
  /** How it is shut in. @default as the image says */
  readonly confinement?: ContainerConfinement;
}

export interface ContainerConfinement {
  readonly user: string | undefined;
  readonly readonlyRoot: boolean;
  /** Where volumes are mounted: writable whatever `readonlyRoot` says. */
  readonly mountPaths: readonly string[];
  /** Whether an init process takes in what is left running, as `initProcessEnabled` asks. */
  readonly init: boolean;
  readonly droppedCapabilities: readonly string[];
}

export interface RunningContainer {
  /** Resolves when the container has ended; `exitCode` 137 after a SIGKILL, 143 after an unhandled SIGTERM. */
  readonly exited: Promise<{ readonly exitCode: number; readonly reason: string | undefined }>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** Starts containers: as processes of this machine, or in a container engine. */
export interface ContainerLauncher {
  /** IPv4 address at which containers reach this machine; the cloud listens there as well. @default loopback */
  readonly hostAddress?: string;
  /** Rejects when the container cannot be started; the message becomes the task's `stoppedReason`. */
  launch(spec: ContainerSpec): Promise<RunningContainer>;
}
