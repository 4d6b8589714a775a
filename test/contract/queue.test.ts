import { setTimeout as delay } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { queueContract } from "./queue-contract.ts";
import type { QueueCloud } from "./queue-lab.ts";

async function openEmbedded(): Promise<QueueCloud> {
  const clock = new FakeClock();
  const cloud = await startEmbeddedCloud({ clock });
  const { endpoint, region, credentials } = cloud;
  const client = new SQSClient({ endpoint, region, credentials });
  return {
    client,
    passTime: async (ms) => {
      await delay(1); // lets requests that are under way arrive before the time passes
      await clock.advance(ms);
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await cloud[Symbol.asyncDispose]();
    },
  };
}

queueContract("the embedded cloud", openEmbedded);
