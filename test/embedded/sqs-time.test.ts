import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";
import { FakeClock } from "../observe/fake-clock.ts";
import { until } from "./until.ts";

let clock: FakeClock;
let cloud: EmbeddedCloud;
let client: SQSClient;

beforeEach(async () => {
  clock = new FakeClock();
  cloud = await startEmbeddedCloud({ clock });
  const { endpoint, region, credentials } = cloud;
  client = new SQSClient({ endpoint, region, credentials });
});

afterEach(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
  expect(clock.sleeping).toBe(0); // no timer outlives the cloud
});

async function createQueue(Attributes: Record<string, string> = {}, QueueName = "q"): Promise<string> {
  return (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? "";
}

async function receive(QueueUrl: string, WaitTimeSeconds = 0): Promise<readonly string[]> {
  const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MaxNumberOfMessages: 10 });
  return ((await client.send(command)).Messages ?? []).map((message) => message.Body ?? "");
}

async function send(QueueUrl: string, MessageBody: string): Promise<void> {
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}

/** The polls that the cloud has received so far. */
function polls(): number {
  return cloud.requestCounts()["sqs"]?.["ReceiveMessage"] ?? 0;
}

it("the name of a deleted queue is free again after a minute", async () => {
  const QueueUrl = await createQueue();
  await client.send(new DeleteQueueCommand({ QueueUrl }));
  await clock.advance(59_999);
  await expect(createQueue()).rejects.toMatchObject({ name: "QueueDeletedRecently" });
  await clock.advance(1);
  expect(await createQueue()).toBe(QueueUrl);
});

it("a queue can be purged again after a minute", async () => {
  const QueueUrl = await createQueue();
  await client.send(new PurgeQueueCommand({ QueueUrl }));
  await clock.advance(60_000);
  await client.send(new PurgeQueueCommand({ QueueUrl }));
});

it("a message is forgotten at the end of its retention, in flight or not", async () => {
  const QueueUrl = await createQueue({ MessageRetentionPeriod: "60", VisibilityTimeout: "100" });
  await send(QueueUrl, "in flight");
  await receive(QueueUrl);
  await send(QueueUrl, "waiting");
  await clock.advance(59_000);
  const counts = async (): Promise<unknown> =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))).Attributes;
  expect(await counts()).toMatchObject({
    ApproximateNumberOfMessages: "1",
    ApproximateNumberOfMessagesNotVisible: "1",
  });
  await clock.advance(1000);
  expect(await counts()).toMatchObject({
    ApproximateNumberOfMessages: "0",
    ApproximateNumberOfMessagesNotVisible: "0",
  });
});

it("a shorter retention counts for messages that are there already", async () => {
  const QueueUrl = await createQueue();
  await send(QueueUrl, "x");
  await clock.advance(100_000);
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { MessageRetentionPeriod: "60" } }));
  await clock.advance(1);
  expect(await receive(QueueUrl)).toEqual([]);
});

it("a dead-letter queue counts a message's age from its first sending", async () => {
  const dead = await createQueue({ MessageRetentionPeriod: "120" }, "dead");
  const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:dead";
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: "1" });
  const QueueUrl = await createQueue({ RedrivePolicy });
  await send(QueueUrl, "x");
  expect(await receive(QueueUrl)).toEqual(["x"]);
  await clock.advance(100_000);
  expect(await receive(QueueUrl)).toEqual([]); // the receive that moves it
  await clock.advance(19_999);
  expect(await receive(dead)).toEqual(["x"]);
  await clock.advance(1);
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ["All"] }));
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: "0" });
});

it("receives that wait share a batch, the longest waiting first", async () => {
  const QueueUrl = await createQueue();
  const waiting: Promise<readonly string[]>[] = [];
  for (let receiver = 1; receiver <= 3; receiver++) {
    waiting.push(receive(QueueUrl, 20));
    await until("the poll has arrived", () => polls() === receiver);
  }
  const Entries = ["a", "b", "c", "d", "e"].map((body) => ({ Id: body, MessageBody: body }));
  await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(await Promise.all(waiting)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

it("a wait ends after its own time, not after that of another", async () => {
  const QueueUrl = await createQueue();
  const long = receive(QueueUrl, 20);
  await until("the poll has arrived", () => polls() === 1);
  await clock.advance(5000);
  const short = receive(QueueUrl, 5);
  await until("the poll has arrived", () => polls() === 2);
  await clock.advance(5000);
  expect(await short).toEqual([]);
  const stillWaiting = await Promise.race([long, Promise.resolve("waiting")]);
  expect(stillWaiting).toBe("waiting");
  await clock.advance(10_000);
  expect(await long).toEqual([]);
});

it("the queue's own wait and lease count where a receive names none", async () => {
  const QueueUrl = await createQueue({ ReceiveMessageWaitTimeSeconds: "3", VisibilityTimeout: "7" });
  const poll = client.send(new ReceiveMessageCommand({ QueueUrl }));
  await until("the poll has arrived", () => polls() === 1);
  await send(QueueUrl, "x");
  expect((await poll).Messages).toHaveLength(1);
  await clock.advance(6999);
  expect(await receive(QueueUrl)).toEqual([]);
  await clock.advance(1);
  expect(await receive(QueueUrl)).toEqual(["x"]);
});
