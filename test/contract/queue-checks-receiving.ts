/** Checks of receiving: long polls, leases, redrive. */

import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import { createSqsQueue } from "../../src/queue/sqs-queue.ts";
import type { Check } from "./contract-suite.ts";
import { bodiesOf, receiptOf, sqsError } from "./queue-lab.ts";
import type { QueueLab } from "./queue-lab.ts";

function changeVisibility({ client }: QueueLab, QueueUrl: string, receipt: string, seconds: number): Promise<unknown> {
  const input = { QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: seconds };
  return client.send(new ChangeMessageVisibilityCommand(input));
}

export const receivingChecks: readonly Check<QueueLab>[] = [
  {
    id: "receive-empty",
    title: "a short poll of an empty queue answers at once, without a list",
    run: async ({ client, create }) => {
      const reply = await client.send(new ReceiveMessageCommand({ QueueUrl: await create() }));
      expect(reply.Messages).toBeUndefined();
    },
  },
  {
    id: "receive-limits",
    title: "a receive takes 1 to 10 messages, waits 0 to 20 seconds and leases for 0 to 43200",
    run: async ({ create, receive }) => {
      const url = await create();
      for (const wrong of [
        { MaxNumberOfMessages: 0 },
        { MaxNumberOfMessages: 11 },
        { VisibilityTimeout: 43_201 },
        { WaitTimeSeconds: 21 },
      ]) {
        await expect(receive(url, wrong)).rejects.toMatchObject(sqsError("InvalidParameterValue"));
      }
    },
  },
  {
    id: "receive-attributes",
    title: "receive count and send time come with a message that is asked for them",
    run: async ({ create, send, receive, inTime }) => {
      const url = await create();
      await send(url, "x");
      await receive(url, { VisibilityTimeout: 0 });
      const names = ["ApproximateReceiveCount", "SentTimestamp", "ApproximateFirstReceiveTimestamp"] as const;
      const again = receive(url, { MessageSystemAttributeNames: [...names], WaitTimeSeconds: 5 });
      const [message] = await inTime(again);
      expect(Object.keys(message?.Attributes ?? {}).sort()).toEqual([...names].sort());
      expect(message?.Attributes?.ApproximateReceiveCount).toBe("2");
      expect(Number(message?.Attributes?.SentTimestamp)).toBeGreaterThan(0);
    },
  },
  {
    id: "poll-send",
    title: "a long poll is answered by a send, long before its wait is over",
    run: async ({ create, send, receive }) => {
      const url = await create();
      const poll = receive(url, { WaitTimeSeconds: 20 });
      await send(url, "wake up");
      expect(bodiesOf(await poll)).toEqual(["wake up"]);
    },
  },
  {
    id: "poll-lapse",
    title: "a long poll is answered when a visibility timeout lapses",
    run: async ({ create, send, receive, inTime }) => {
      const url = await create();
      await send(url, "again");
      await receive(url, { VisibilityTimeout: 2 });
      expect(bodiesOf(await inTime(receive(url, { WaitTimeSeconds: 20 })))).toEqual(["again"]);
    },
  },
  {
    id: "poll-release",
    title: "a long poll is answered when another receiver gives a message back",
    run: async (lab) => {
      const url = await lab.create();
      await lab.send(url, "back");
      const [message] = await lab.receive(url);
      const poll = lab.receive(url, { WaitTimeSeconds: 20 });
      await changeVisibility(lab, url, receiptOf(message), 0);
      expect(bodiesOf(await poll)).toEqual(["back"]);
    },
  },
  {
    id: "poll-end",
    title: "a long poll of an empty queue ends empty when its wait is over",
    run: async ({ create, receive, inTime }) => {
      expect(await inTime(receive(await create(), { WaitTimeSeconds: 2 }))).toEqual([]);
    },
  },
  {
    id: "poll-abandoned",
    title: "a message is not lost to a long poll whose client has gone",
    run: async ({ client, create, send, receive, passTime }) => {
      const QueueUrl = await create();
      const leaving = new AbortController();
      const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
      const poll = client.send(command, { abortSignal: leaving.signal }).catch((error: unknown) => error);
      await passTime(200);
      leaving.abort();
      await poll;
      await passTime(200);
      await send(QueueUrl, "still here");
      await passTime(1500); // time enough for a poll that still waits to take it
      expect(bodiesOf(await receive(QueueUrl, { WaitTimeSeconds: 2 }))).toEqual(["still here"]);
    },
  },
  {
    id: "lease",
    title: "a message in flight is hidden and counted, and comes back when its lease lapses",
    run: async ({ create, send, receive, attributesOf, passTime }) => {
      const url = await create({ VisibilityTimeout: "2" });
      await send(url, "x");
      const [first] = await receive(url);
      expect(await receive(url)).toEqual([]);
      expect(await attributesOf(url)).toMatchObject({
        ApproximateNumberOfMessages: "0",
        ApproximateNumberOfMessagesNotVisible: "1",
      });
      await passTime(3200); // emulators look only once a second
      const [second] = await receive(url, { WaitTimeSeconds: 2 });
      expect(second?.MessageId).toBe(first?.MessageId);
      expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    },
  },
  {
    id: "lease-extended",
    title: "an extended lease counts from the moment of extending",
    run: async (lab) => {
      const url = await lab.create({ VisibilityTimeout: "2" });
      await lab.send(url, "x");
      const [message] = await lab.receive(url);
      await lab.passTime(1000);
      await changeVisibility(lab, url, receiptOf(message), 5);
      await lab.passTime(2500);
      expect(await lab.receive(url)).toEqual([]);
    },
  },
  {
    id: "lease-limit",
    title: "no lease lasts longer than 12 hours from its receive",
    run: async (lab) => {
      const url = await lab.create();
      await lab.send(url, "x");
      const [message] = await lab.receive(url);
      await lab.passTime(1200);
      await expect(changeVisibility(lab, url, receiptOf(message), 43_200)).rejects.toMatchObject(
        sqsError("InvalidParameterValue"),
      );
      await expect(changeVisibility(lab, url, receiptOf(message), 43_201)).rejects.toMatchObject(
        sqsError("InvalidParameterValue"),
      );
    },
  },
  {
    id: "lease-lapsed",
    title: "the lease of a message that is visible again cannot be extended: MessageNotInflight",
    run: async (lab) => {
      const url = await lab.create();
      await lab.send(url, "x");
      const [message] = await lab.receive(url);
      await changeVisibility(lab, url, receiptOf(message), 0);
      await expect(changeVisibility(lab, url, receiptOf(message), 5)).rejects.toMatchObject(
        sqsError("MessageNotInflight"),
      );
    },
  },
  {
    id: "lease-deleted",
    title: "the lease of a deleted message cannot be extended: InvalidParameterValue",
    run: async (lab) => {
      const url = await lab.create();
      await lab.send(url, "x");
      const receipt = receiptOf((await lab.receive(url))[0]);
      await lab.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }));
      await expect(changeVisibility(lab, url, receipt, 5)).rejects.toMatchObject(sqsError("InvalidParameterValue"));
    },
  },
  {
    id: "lease-batch",
    title: "a batch of extensions tells for each entry whether it was done",
    run: async (lab) => {
      const url = await lab.create();
      await lab.send(url, "x");
      const [message] = await lab.receive(url);
      const Entries = [
        { Id: "good", ReceiptHandle: receiptOf(message), VisibilityTimeout: 0 },
        { Id: "bad", ReceiptHandle: "no receipt", VisibilityTimeout: 0 },
      ];
      const reply = await lab.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
      expect(reply.Successful).toMatchObject([{ Id: "good" }]);
      expect(reply.Failed).toMatchObject([{ Id: "bad", SenderFault: true, Code: "ReceiptHandleIsInvalid" }]);
      expect(await lab.receive(url, { WaitTimeSeconds: 2 })).toHaveLength(1);
    },
  },
  {
    id: "delete",
    title: "a deleted message does not come back, and deleting it again is no error",
    run: async ({ client, create, send, receive, passTime }) => {
      const QueueUrl = await create({ VisibilityTimeout: "1" });
      await send(QueueUrl, "x");
      const [message] = await receive(QueueUrl);
      const command = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptOf(message) });
      await client.send(command);
      await client.send(command);
      await passTime(1500);
      expect(await receive(QueueUrl)).toEqual([]);
    },
  },
  {
    id: "delete-stale",
    title: "deleting with the receipt of an earlier delivery is no error and leaves the message to its new receiver",
    run: async (lab) => {
      const { client, create, send, receive } = lab;
      const QueueUrl = await create();
      await send(QueueUrl, "x");
      const [first] = await receive(QueueUrl);
      await changeVisibility(lab, QueueUrl, receiptOf(first), 0);
      const [second] = await receive(QueueUrl, { WaitTimeSeconds: 2 });
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptOf(first) }));
      await changeVisibility(lab, QueueUrl, receiptOf(second), 0);
      expect(await receive(QueueUrl, { WaitTimeSeconds: 2 })).toHaveLength(1);
    },
  },
  {
    id: "delete-invalid",
    title: "a receipt that SQS never gave is refused with ReceiptHandleIsInvalid",
    run: async ({ client, create }) => {
      const QueueUrl = await create();
      const command = new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "no receipt" });
      await expect(client.send(command)).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
      const Entries = [{ Id: "a", ReceiptHandle: "no receipt" }];
      const reply = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      expect(reply.Failed).toMatchObject([{ Id: "a", SenderFault: true, Code: "ReceiptHandleIsInvalid" }]);
    },
  },
  {
    id: "redrive",
    title: "a message that was received maxReceiveCount times moves to the dead-letter queue",
    run: async ({ create, send, receive, attributesOf, passTime }) => {
      const deadLetters = await create();
      const { QueueArn: deadLetterTargetArn } = await attributesOf(deadLetters);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
      const url = await create({ RedrivePolicy, VisibilityTimeout: "1" });
      await send(url, "poison");
      for (let delivery = 1; delivery <= 2; delivery++) {
        expect(bodiesOf(await receive(url, { WaitTimeSeconds: 2 }))).toEqual(["poison"]);
        await passTime(2200);
      }
      expect(await receive(url)).toEqual([]);
      expect(bodiesOf(await receive(deadLetters, { WaitTimeSeconds: 2 }))).toEqual(["poison"]);
      expect(await attributesOf(url)).toMatchObject({
        ApproximateNumberOfMessages: "0",
        ApproximateNumberOfMessagesNotVisible: "0",
      });
    },
  },
  {
    id: "drain",
    title: "a thousand messages reach ten receivers, each of them exactly once",
    run: async (lab) => {
      const url = await lab.create();
      const bodies = Array.from({ length: 1000 }, (_, index) => `${index}`);
      const queue = createSqsQueue(lab.client, url, { waitSeconds: 1 });
      const received: string[] = [];
      const receiver = async (): Promise<void> => {
        while (received.length < bodies.length) {
          const messages = await queue.receive(10);
          received.push(...messages.map((message) => message.body));
          await queue.ack(messages.map((message) => message.receipt));
        }
      };
      const receivers = Array.from({ length: 10 }, receiver);
      await queue.send(bodies);
      await lab.inTime(Promise.all(receivers));
      expect(received.sort()).toEqual(bodies.sort());
    },
  },
];
