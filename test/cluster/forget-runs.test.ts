import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { closeClusterClients, type ClusterClients, openClusterClients } from "../../src/cluster/cluster-clients.ts";
import { RunForgetter } from "../../src/cluster/forget-runs.ts";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { createS3Store } from "../../src/store/s3-store.ts";
import type { Store } from "../../src/store/store.ts";
import { FakeClock } from "../observe/fake-clock.ts";

const minutes = 60_000;

let cloud: EmbeddedCloud;
let clients: ClusterClients;
let store: Store;
let clock: FakeClock;
let forgetter: RunForgetter;
beforeEach(async () => {
  cloud = await startEmbeddedCloud();
  clients = openClusterClients(cloud, createRequestCounter());
  await clients.s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
  store = createS3Store(clients.s3, "bucket");
  clock = new FakeClock();
  forgetter = new RunForgetter(store, clients.sqs, clock);
});
afterEach(async () => {
  closeClusterClients(clients);
  await cloud[Symbol.asyncDispose]();
});

async function openRun(runId: string): Promise<void> {
  await clients.sqs.send(new CreateQueueCommand({ QueueName: `cloudburst-${runId}-notices` }));
  await store.put(`runs/${runId}/out/inc/single.pack`, Buffer.from("pack"));
  await renew(runId, 0);
}

const renew = async (runId: string, renewal: number): Promise<void> =>
  await store.put(`runs/${runId}/lease.json`, Buffer.from(JSON.stringify({ v: 1, state: "running", renewal })));

async function left(): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.list("")) keys.push(key);
  const { QueueUrls: urls = [] } = await clients.sqs.send(new ListQueuesCommand({}));
  return [...keys, ...urls.map((url) => url.slice(url.lastIndexOf("/") + 1))];
}

it("what a killed driver has left is taken away after an hour, and nothing of others", async () => {
  await store.put("code/abc.mjs", Buffer.from("code"));
  await openRun("dead");
  await openRun("alive");
  await forgetter.forget();
  await clock.advance(59 * minutes);
  await renew("alive", 1);
  await forgetter.forget();
  expect(await left()).toHaveLength(7);
  await clock.advance(1 * minutes);
  await forgetter.forget();
  expect(await left()).toEqual([
    "code/abc.mjs",
    "runs/alive/lease.json",
    "runs/alive/out/inc/single.pack",
    "cloudburst-alive-notices",
  ]);
});
