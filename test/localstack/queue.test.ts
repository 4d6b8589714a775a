import { setTimeout as delay } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { describe } from "vitest";
import { queueContract } from "../contract/queue-contract.ts";
import type { QueueCloud } from "../contract/queue-lab.ts";
import { credentials, localstack, region, requireLocalstack } from "./cloud.ts";
import { queueDeviations } from "./deviations.ts";

async function open(): Promise<QueueCloud> {
  const client = new SQSClient({ endpoint: requireLocalstack(), region, credentials, useQueueUrlAsEndpoint: false });
  return {
    client,
    passTime: (ms) => delay(ms),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
    },
  };
}

describe.skipIf(localstack === undefined)("LocalStack's SQS", () => {
  queueContract("LocalStack", open, queueDeviations);
});
