import { setTimeout as delay } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { queueContract } from "../contract/queue-contract.ts";
import type { QueueCloud } from "../contract/queue-lab.ts";
import { credentials, describeWithLocalstack, region, requireLocalstack } from "./cloud.ts";
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

describeWithLocalstack("LocalStack's SQS", () => {
  queueContract("LocalStack", open, queueDeviations);
});
