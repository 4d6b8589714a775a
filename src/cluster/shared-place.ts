import type { AwsSettings } from "../aws/clients.ts";
import type { RequestCounter } from "../aws/request-counter.ts";
import type { CloudburstError } from "../base/errors.ts";
import type { SharedPatience } from "./cluster.ts";

/** A shared cluster that was found: where its parts are, and how a run is to behave in it. */
export interface SharedPlace {
  /** For messages: `the shared cluster of the stack Cloudburst in eu-west-1`. */
  readonly description: string;
  readonly bucket: string;
  readonly queueUrl: string;
  /** KMS key of the bucket and the queue: for the run's notice queue as well. */
  readonly kmsKeyId: string | undefined;
  readonly settings: AwsSettings;
  /** Undefined leaves it to the dispatcher. */
  readonly windowPerSlot: number | undefined;
  /** How often silence is looked after. */
  readonly watchMs: number;
  /** AWS asks to wait before a new queue is used. */
  readonly queueSettleMs: number;
  /** Undefined leaves it to the executor, which knows what a stack's service does. */
  readonly patience: SharedPatience | undefined;
  /** The error by which to tell the user that the cluster is no more, if that is what this one means. */
  readonly lossOf: (error: unknown) => CloudburstError | undefined;
}

/** Finds the cluster for one run. */
export type FindSharedPlace = (counter: RequestCounter, signal: AbortSignal) => Promise<SharedPlace>;
