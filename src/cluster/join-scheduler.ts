/** `address: "http://127.0.0.1:8786"`: the cluster that `cloudburst scheduler` has there. */
import type { AwsCredentials, AwsSettings } from "../aws/clients.ts";
import type { RequestCounter } from "../aws/request-counter.ts";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import type { SchedulerAddress } from "./address.ts";
import { resolveAwsSettings } from "./aws-options.ts";
import type { AwsOptions, SecurityOptions } from "./fargate-options.ts";
import { silenceAwsAdvice } from "./no-aws-advice.ts";
import { checkToken, findKey } from "./scheduler-key.ts";
import { connectTrouble, goneWith } from "./scheduler-trouble.ts";
import type { FindSharedPlace } from "./shared-place.ts";
import { findStack } from "./stack-discovery.ts";

/** The stack that a scheduler's embedded cloud describes. */
export const schedulerStack = "cloudburst-scheduler";
/** The embedded cloud has this one only. */
const region = "us-east-1";
/** A scheduler answers within milliseconds, or after a break of the machine: nobody waits longer to learn that none is there. */
const connectMs = 10_000;
const watchMs = 2_000;
/** Long enough for a worker to start and to bid welcome. */
const patienceMs = 10_000;
/** Signs the request that tells whether anybody is there at all. */
const nobody: AwsCredentials = { accessKeyId: "NONE", secretAccessKey: "NONE" };

/** What the workers and the drivers of a scheduler have to know of it. */
export interface FoundScheduler {
  readonly settings: AwsSettings & { readonly credentials: AwsCredentials };
  readonly bucket: string;
  readonly queueUrl: string;
}

/** @throws InvalidOptionError for options that are wrong, or mean nothing here; no request has been made then */
export function joinScheduler(address: SchedulerAddress, options: AwsOptions): FindSharedPlace {
  const { security, ...others } = options;
  const [misplaced] = Object.entries(others).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (misplaced !== undefined) {
    throw new InvalidOptionError(
      `FargateExecutor: \`${misplaced}\` says nothing about the scheduler at ${address.url} (it belongs to AWS; what a scheduler needs is in \`security\`)`,
    );
  }
  const connect = prepareConnection(address, security);
  return async (counter, signal) => {
    const { settings, bucket, queueUrl } = await connect(counter, signal);
    return {
      description: `the scheduler at ${address.url}`,
      bucket,
      queueUrl,
      settings,
      kmsKeyId: undefined,
      windowPerSlot: undefined,
      watchMs,
      queueSettleMs: 0,
      patience: {
        ms: patienceMs,
        nobody: `start one: npx cloudburst worker ${address.url}`,
        busy: `its workers are busy; add one: npx cloudburst worker ${address.url}`,
      },
      lossOf: (error) => goneWith(error, address),
    };
  };
}

/**
 * Checks what is said of TLS and token at once, and makes no request before it is called.
 * @param timeoutMs connecting gives up after so long
 */
export function prepareConnection(
  address: SchedulerAddress,
  security: SecurityOptions | undefined,
  timeoutMs = connectMs,
): (counter: RequestCounter, signal: AbortSignal) => Promise<FoundScheduler> {
  const { token, ...files } = security ?? {};
  if (token !== undefined) checkToken(token, "`security.token`");
  const { tls } = resolveAwsSettings({ security: files });
  return async (counter, signal) => {
    silenceAwsAdvice();
    const key = await findKey(address, token);
    const settings = { endpoint: address.url, region, credentials: key?.credentials ?? nobody, tls };
    const timeUp = AbortSignal.timeout(timeoutMs);
    try {
      const { values } = await findStack(schedulerStack, settings, counter, AbortSignal.any([signal, timeUp]));
      return { settings, bucket: requireOutput(values.bucket), queueUrl: requireOutput(values.sharedQueueUrl) };
    } catch (error) {
      signal.throwIfAborted();
      throw connectTrouble(error, { address, key, timedOutMs: timeUp.aborted ? timeoutMs : undefined });
    }
  };
}

function requireOutput(value: string | undefined): string {
  if (value !== undefined) return value;
  throw new CloudburstError("no_stack", "the scheduler's stack lacks an output");
}
