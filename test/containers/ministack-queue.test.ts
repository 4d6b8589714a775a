import { setTimeout as delay } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { describe } from "vitest";
import { queueContract } from "../contract/queue-contract.ts";
import type { QueueCloud } from "../contract/queue-lab.ts";
import { queueDeviations } from "./deviations.ts";
import { credentials, ministack, region, requireMinistack } from "./ministack.ts";

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

describe.skipIf(ministack === undefined)("ministack's SQS", () => {
  queueContract("ministack", open, queueDeviations);
});
