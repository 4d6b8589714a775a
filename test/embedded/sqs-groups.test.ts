import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EmbeddedCloud } from "../../src/embedded/cloud.ts";
import { startEmbeddedCloud } from "../../src/embedded/start-cloud.ts";

let cloud: EmbeddedCloud;
let client: SQSClient;
let queue: string;

beforeEach(async () => {
  cloud = await startEmbeddedCloud();
  client = new SQSClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud.credentials });
  queue = (await client.send(new CreateQueueCommand({ QueueName: "q" }))).QueueUrl ?? "";
});

afterEach(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

async function send(group: string | undefined, ...bodies: string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, at) => ({ Id: String(at), MessageBody, MessageGroupId: group }));
  await client.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }));
}

async function receive(max = 1): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queue,
    MaxNumberOfMessages: max,
    MessageSystemAttributeNames: ["MessageGroupId"],
  });
  return (await client.send(command)).Messages ?? [];
}

async function receiveBodies(max?: number): Promise<readonly (string | undefined)[]> {
  return (await receive(max)).map(({ Body }) => Body);
}

it("tells the group of a message to who asks", async () => {
  await send("run-1", "a");
  const [message] = await receive();
  expect(message?.Attributes).toEqual({ MessageGroupId: "run-1" });
});

it("serves the group with the fewest messages in flight first, and each group in order", async () => {
  await send("long", "l1", "l2", "l3", "l4");
  await send("short", "s1", "s2");
  expect(await receiveBodies(2)).toEqual(["l1", "s1"]);
  expect(await receiveBodies(10)).toEqual(["l2", "s2", "l3", "l4"]);
});

it("counts a message as in flight until it is deleted or given back", async () => {
  await send("a", "a1", "a2", "a3");
  const [first, second] = await receive(2);
  await send("b", "b1", "b2");
  await client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: first?.ReceiptHandle }));
  expect(await receiveBodies(1)).toEqual(["b1"]); // a has a2 in flight, b nothing
  const back = { QueueUrl: queue, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 };
  await client.send(new ChangeMessageVisibilityCommand(back));
  expect(await receiveBodies(3)).toEqual(["a3", "b2", "a2"]);
});

it("keeps messages without a group in the order in which they came", async () => {
  await send(undefined, "1", "2", "3");
  expect(await receiveBodies(10)).toEqual(["1", "2", "3"]);
});

it("refuses a group that is longer than 128 characters or has other than punctuation, letters and digits", async () => {
  for (const group of ["x".repeat(129), "a b", ""]) {
    const sending = client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: "x", MessageGroupId: group }));
    await expect(sending).rejects.toMatchObject({ name: "InvalidParameterValue" });
  }
});
