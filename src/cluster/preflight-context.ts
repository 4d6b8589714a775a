/** What checks that come before the first worker is started may look at. */
import type { AwsSettings } from "../aws/clients.ts";
import type { RequestCounter } from "../aws/request-counter.ts";
import type { CapacityPlan } from "./capacity-plan.ts";
import type { ClusterClients } from "./cluster-clients.ts";
import type { Architecture, ClusterPlace } from "./cluster-place.ts";

export interface PreflightContext {
  /** Region, endpoint and credentials, for clients that a check opens itself. With an `endpoint` it is an emulator. */
  readonly aws: AwsSettings;
  /** The region in which everything is, as the SDK resolved it. */
  readonly region: string;
  readonly clients: ClusterClients;
  /** Counts the requests of clients that a check opens itself (I11). */
  readonly counter: RequestCounter;
  readonly place: ClusterPlace;
  /** Workers that are to be started. */
  readonly workers: number;
  readonly capacity: CapacityPlan;
  /** CPU units of each worker; 1,024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMiB: number;
  /** As the task definition has it that will be run; undefined where that is not known. */
  readonly image: string | undefined;
  readonly architecture: Architecture | undefined;
  /** An existing task definition that the user named: family, `family:revision` or ARN. */
  readonly taskDefinition: string | undefined;
  readonly signal: AbortSignal;
}
