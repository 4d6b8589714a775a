import { setTimeout as delay } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { queueContract } from "../contract/queue-contract.ts";
import type { QueueCloud } from "../contract/queue-lab.ts";
import { queueDeviations } from "./deviations.ts";
import { credentials, describeWithMinistack, region, requireMinistack } from "./ministack.ts";

async function open(): Promise<QueueCloud> {
  const client = new SQSClient({ endpoint: requireMinistack(), region, credentials, useQueueUrlAsEndpoint: false });
  return {
    client,
    passTime: (ms) => delay(ms),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
    },
  };
}

describeWithMinistack("ministack's SQS", () => {
  queueContract("ministack", open, queueDeviations);
});
