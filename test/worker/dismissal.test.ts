/** How a worker leaves that is too many (W6), on the embedded cloud's queue. */
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSqsClient } from "../../src/aws/clients.ts";
import { createRequestCounter } from "../../src/aws/request-counter.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { createSqsQueue } from "../../src/queue/sqs-queue.ts";
import type { Queue } from "../../src/queue/queue.ts";
import { SlotPool } from "../../src/slots/slot-pool.ts";
import { InputReader } from "../../src/slots/stored-inputs.ts";
import { encodeChunkMessage } from "../../src/wire/chunk-message.ts";
import type { Notice } from "../../src/wire/notice.ts";
import { createOwnRun } from "../../src/worker/own-run.ts";
import { BurstWorker } from "../../src/worker/worker.ts";
import { until } from "../embedded/until.ts";
import { MemoryStore } from "./memory-store.ts";

let cloud: EmbeddedCloud;
let sqs: ReturnType<typeof openSqsClient>;
let polls = 0;

beforeAll(async () => {
  cloud = await startEmbeddedCloud({ onRequest: ({ operation }) => (polls += operation === "ReceiveMessage" ? 1 : 0) });
  sqs = openSqsClient(cloud, createRequestCounter());
});
afterAll(async () => {
  sqs.destroy();
  await cloud[Symbol.asyncDispose]();
});

async function openQueue(name: string): Promise<Queue> {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  return createSqsQueue(sqs, QueueUrl);
}

function workerOn(tasks: Queue, told: Notice[]): BurstWorker {
  const store = new MemoryStore();
  const slot = { run: () => Promise.reject(new Error("nothing is to be run")), close: () => Promise.resolve() };
  return new BurstWorker({
    workerId: "w",
    tasks,
    store,
    slots: new SlotPool([slot], { clock: systemClock, patienceMs: 60_000 }),
    leases: { hold: () => undefined, release: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() },
    runs: createOwnRun(),
    activity: { busy: () => undefined, idle: () => undefined },
    bundles: { file: () => Promise.resolve("file"), [Symbol.asyncDispose]: () => Promise.resolve() },
    inputs: new InputReader(store),
    tell: (_queue, notice) => Promise.resolve(void told.push(notice)),
    takeRequests: () => ({}),
    clock: systemClock,
    print: () => undefined,
    log: () => undefined,
  });
}

const message = encodeChunkMessage({
  v: 1,
  runId: "r",
  chunk: "inc[0-1]",
  bundle: "0".repeat(64),
  facts: { kind: "value", line: "[1]" },
  ranges: [{ start: 0, end: 1 }],
  steps: [{ task: "inc", slug: "inc", inputs: [], lengths: false }],
  notices: "notices",
});

it("what the last poll of a dismissed worker brings goes back at once, for another worker", async () => {
  const tasks = await openQueue("dismissed");
  const told: Notice[] = [];
  const worker = workerOn(tasks, told);
  const leaving = worker.run();
  const before = polls;
  await until("it polls", () => polls > before);
  worker.dismiss();
  await tasks.send([message]);
  expect(await leaving).toBe("drained");
  expect(told).toMatchObject([{ kind: "released", chunk: "inc[0-1]" }]);
  expect(await tasks.receive(1)).toMatchObject([{ body: message, deliveries: 2 }]);
});
