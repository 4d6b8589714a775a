/** Checks of sending: limits, contents, batches. */

import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { SendMessageBatchRequestEntry } from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import type { Check } from "./contract-suite.ts";
import { bodiesOf, sqsError } from "./queue-lab.ts";
import type { QueueLab } from "./queue-lab.ts";

const mebibyte = 1_048_576;

function sendBatch(
  { client }: QueueLab,
  QueueUrl: string,
  Entries: SendMessageBatchRequestEntry[],
): Promise<{ readonly Successful: readonly unknown[]; readonly Failed: readonly unknown[] }> {
  return client
    .send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    .then(({ Successful = [], Failed = [] }) => ({ Successful, Failed }));
}

export const sendingChecks: readonly Check<QueueLab>[] = [
  {
    id: "send-receive",
    title: "a message comes back as it was sent, with the MD5 that the SDK checks",
    run: async ({ client, create, receive }) => {
      const QueueUrl = await create();
      const MessageBody = 'quotes " and \\ and tab\t, newline\n, umlaut ü, emoji 🌩, and the last one \uFFFD';
      const { MessageId } = await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      const [message] = await receive(QueueUrl);
      expect(message).toMatchObject({ MessageId, Body: MessageBody });
    },
  },
  {
    id: "send-contents",
    title: "characters that XML cannot carry are refused with InvalidMessageContents",
    run: async ({ create, send }) => {
      const url = await create();
      for (const body of ["a\u0000b", "\u001B[0m", "\uFFFE"]) {
        await expect(send(url, body)).rejects.toMatchObject(sqsError("InvalidMessageContents"));
      }
    },
  },
  {
    id: "send-size",
    title: "a message may have 1 MiB of UTF-8, and not a byte more",
    run: async ({ create, send, receive }) => {
      const url = await create();
      const largest = "ü".repeat(mebibyte / 2);
      await expect(send(url, `${largest}x`)).rejects.toMatchObject(sqsError("InvalidParameterValue"));
      await send(url, largest);
      const [message] = await receive(url);
      expect(message?.Body === largest).toBe(true);
    },
  },
  {
    id: "send-size-of-queue",
    title: "a queue with a lower MaximumMessageSize refuses larger messages, in a batch one by one",
    run: async (lab) => {
      const url = await lab.create({ MaximumMessageSize: "1024" });
      await expect(lab.send(url, "x".repeat(1025))).rejects.toMatchObject(sqsError("InvalidParameterValue"));
      const { Successful, Failed } = await sendBatch(lab, url, [
        { Id: "fits", MessageBody: "x".repeat(1024) },
        { Id: "not", MessageBody: "x".repeat(1025) },
      ]);
      expect(Successful).toMatchObject([{ Id: "fits" }]);
      expect(Failed).toMatchObject([{ Id: "not", SenderFault: true, Code: "InvalidParameterValue" }]);
    },
  },
  {
    id: "batch",
    title: "a batch of ten is stored whole",
    run: async (lab) => {
      const url = await lab.create();
      const entries = Array.from({ length: 10 }, (_, index) => ({ Id: `e${index}`, MessageBody: `body ${index}` }));
      expect((await sendBatch(lab, url, entries)).Successful).toHaveLength(10);
      const messages = await lab.receive(url, { WaitTimeSeconds: 1 });
      expect(bodiesOf(messages)).toEqual(entries.map((entry) => entry.MessageBody));
    },
  },
  {
    id: "batch-size",
    title: "all messages of a batch together may have 1 MiB",
    run: async (lab) => {
      const url = await lab.create();
      const half = "x".repeat(mebibyte / 2);
      expect(
        (
          await sendBatch(lab, url, [
            { Id: "a", MessageBody: half },
            { Id: "b", MessageBody: half },
          ])
        ).Successful,
      ).toHaveLength(2);
      const tooMuch = [
        { Id: "a", MessageBody: half },
        { Id: "b", MessageBody: `${half}x` },
      ];
      await expect(sendBatch(lab, url, tooMuch)).rejects.toMatchObject(sqsError("BatchRequestTooLong"));
    },
  },
  {
    id: "batch-empty",
    title: "a batch without entries is refused with EmptyBatchRequest",
    run: async (lab) => {
      await expect(sendBatch(lab, await lab.create(), [])).rejects.toMatchObject(sqsError("EmptyBatchRequest"));
    },
  },
  {
    id: "batch-eleven",
    title: "a batch of eleven is refused with TooManyEntriesInBatchRequest",
    run: async (lab) => {
      const entries = Array.from({ length: 11 }, (_, index) => ({ Id: `e${index}`, MessageBody: "x" }));
      await expect(sendBatch(lab, await lab.create(), entries)).rejects.toMatchObject(
        sqsError("TooManyEntriesInBatchRequest"),
      );
    },
  },
  {
    id: "batch-ids",
    title: "the ids of a batch are distinct and have 1 to 80 letters, digits, hyphens and underscores",
    run: async (lab) => {
      const url = await lab.create();
      const entry = (Id: string): SendMessageBatchRequestEntry => ({ Id, MessageBody: "x" });
      await expect(sendBatch(lab, url, [entry("a"), entry("a")])).rejects.toMatchObject(
        sqsError("BatchEntryIdsNotDistinct"),
      );
      for (const id of ["a b", "a".repeat(81)]) {
        await expect(sendBatch(lab, url, [entry(id)])).rejects.toMatchObject(sqsError("InvalidBatchEntryId"));
      }
    },
  },
  {
    id: "delay",
    title: "a delayed message is counted as delayed and comes when its delay is over",
    run: async ({ client, create, receive, attributesOf, inTime }) => {
      const QueueUrl = await create();
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "later", DelaySeconds: 1 }));
      expect(await receive(QueueUrl)).toEqual([]);
      expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesDelayed: "1" });
      expect(bodiesOf(await inTime(receive(QueueUrl, { WaitTimeSeconds: 10 })))).toEqual(["later"]);
    },
  },
  {
    id: "delay-limit",
    title: "a delay is 0 to 900 seconds",
    run: async ({ client, create }) => {
      const command = new SendMessageCommand({ QueueUrl: await create(), MessageBody: "x", DelaySeconds: 901 });
      await expect(client.send(command)).rejects.toMatchObject(sqsError("InvalidParameterValue"));
    },
  },
];
