/** `address: "fargate://<stack>"`: the shared cluster of a stack, whose service decides how many workers there are. */
import { CloudburstError } from "../base/errors.ts";
import type { StackAddress } from "./address.ts";
import { resolveAwsSettings } from "./aws-options.ts";
import type { AwsOptions } from "./fargate-options.ts";
import type { FindSharedPlace, SharedPlace } from "./shared-place.ts";
import { findStack, type FoundStack } from "./stack-discovery.ts";

/**
 * Beyond what keeps slots busy, since the depth of the queue is what the service grows by: above four chunks for each
 * worker it adds half, above eight it doubles. Fair delivery lets other runs' chunks pass.
 */
const windowPerSlot = 10;
/** Nothing is to be looked after but silence. */
const watchMs = 15_000;
/** AWS asks to wait so long before a new queue is used; an emulator's is there at once. */
const queueSettleMs = 1_000;

/** @throws InvalidOptionError for options that are wrong; no request has been made then */
export function joinStack(address: StackAddress, options: AwsOptions): FindSharedPlace {
  const given = resolveAwsSettings({ ...options, region: address.region ?? options.region });
  return async (counter, signal) => {
    const stack = await findStack(address.stack, given, counter, signal);
    return {
      description: `the shared cluster of ${stack.description}`,
      ...sharedParts(stack),
      settings: { ...given, region: given.region ?? stack.values.region },
      windowPerSlot,
      watchMs,
      queueSettleMs: given.endpoint === undefined ? queueSettleMs : 0,
      patience: undefined,
      lossOf: () => undefined,
    };
  };
}

function sharedParts(stack: FoundStack): Pick<SharedPlace, "bucket" | "queueUrl" | "kmsKeyId"> {
  const { bucket, sharedQueueUrl: queueUrl, kmsKeyArn: kmsKeyId } = stack.values;
  if (bucket !== undefined && queueUrl !== undefined) return { bucket, queueUrl, kmsKeyId };
  throw new CloudburstError(
    "no_shared_cluster",
    `${stack.description} was deployed without a shared cluster (deploy it with \`-c shared=true\`, or take a temporary ` +
      'cluster: clusterClass "FargateCluster")',
    { data: { stack: stack.name } },
  );
}
