/** Checks of operations on queues as wholes. */

import { randomUUID } from "node:crypto";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import type { Check } from "./contract-suite.ts";
import { sqsError } from "./queue-lab.ts";
import type { QueueLab } from "./queue-lab.ts";

export const queueChecks: readonly Check<QueueLab>[] = [
  {
    id: "create-same",
    title: "creating a queue again with the same attributes gives the same URL",
    run: async ({ client }) => {
      const command = new CreateQueueCommand({
        QueueName: `c-${randomUUID()}`,
        Attributes: { VisibilityTimeout: "45" },
      });
      const { QueueUrl: first } = await client.send(command);
      const { QueueUrl: second } = await client.send(command);
      expect(second).toBe(first);
      expect(first).toContain(command.input.QueueName);
    },
  },
  {
    id: "create-different",
    title: "creating a queue again with other attributes is refused with QueueNameExists",
    run: async ({ client }) => {
      const QueueName = `c-${randomUUID()}`;
      await client.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "45" } }));
      const other = new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: "46" } });
      await expect(client.send(other)).rejects.toMatchObject(sqsError("QueueNameExists"));
    },
  },
  {
    id: "create-name",
    title: "a queue's name has 1 to 80 letters, digits, hyphens and underscores",
    run: async ({ client }) => {
      for (const QueueName of ["has space", "a".repeat(81), "dot.ted"]) {
        await expect(client.send(new CreateQueueCommand({ QueueName }))).rejects.toMatchObject(
          sqsError("InvalidParameterValue"),
        );
      }
      await client.send(new CreateQueueCommand({ QueueName: randomUUID().padEnd(80, "_") }));
    },
  },
  {
    id: "attribute-errors",
    title: "an unknown attribute and a value out of range are refused by name",
    run: async ({ client, create }) => {
      const QueueUrl = await create();
      const set = (Attributes: Record<string, string>): Promise<unknown> =>
        client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
      await expect(set({ Colour: "red" })).rejects.toMatchObject(sqsError("InvalidAttributeName"));
      await expect(set({ VisibilityTimeout: "43201" })).rejects.toMatchObject(sqsError("InvalidAttributeValue"));
      await expect(set({ MessageRetentionPeriod: "59" })).rejects.toMatchObject(sqsError("InvalidAttributeValue"));
      await expect(set({ MaximumMessageSize: "1048577" })).rejects.toMatchObject(sqsError("InvalidAttributeValue"));
    },
  },
  {
    id: "attribute-defaults",
    title: "a new queue has SQS's defaults, and shows what was set",
    run: async ({ client, create, attributesOf }) => {
      const QueueUrl = await create({ DelaySeconds: "1" });
      await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "77" } }));
      expect(await attributesOf(QueueUrl)).toMatchObject({
        ApproximateNumberOfMessages: "0",
        ApproximateNumberOfMessagesDelayed: "0",
        ApproximateNumberOfMessagesNotVisible: "0",
        DelaySeconds: "1",
        MaximumMessageSize: "1048576",
        MessageRetentionPeriod: "345600",
        QueueArn: expect.stringMatching(/^arn:aws:sqs:[\w-]+:\d{12}:contract-/) as unknown,
        ReceiveMessageWaitTimeSeconds: "0",
        VisibilityTimeout: "77",
      });
    },
  },
  {
    id: "attribute-selection",
    title: "only the attributes that were asked for come back",
    run: async ({ client, create }) => {
      const QueueUrl = await create();
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] });
      expect((await client.send(command)).Attributes).toEqual({ VisibilityTimeout: "30" });
    },
  },
  {
    id: "queue-url",
    title: "a queue's URL is found by its name, and no queue is QueueDoesNotExist",
    run: async ({ client, create }) => {
      const url = await create();
      const QueueName = url.slice(url.lastIndexOf("/") + 1);
      expect((await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(url);
      await expect(client.send(new GetQueueUrlCommand({ QueueName: "no-such-queue" }))).rejects.toMatchObject(
        sqsError("QueueDoesNotExist"),
      );
    },
  },
  {
    id: "list-queues",
    title: "queues are listed by prefix, page by page",
    run: async ({ client }) => {
      const prefix = `list-${randomUUID()}`;
      for (const letter of ["a", "b", "c"]) await client.send(new CreateQueueCommand({ QueueName: prefix + letter }));
      const first = await client.send(new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 2 }));
      expect(first.QueueUrls).toHaveLength(2);
      const rest = new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: 2, NextToken: first.NextToken });
      const second = await client.send(rest);
      expect(new Set([...(first.QueueUrls ?? []), ...(second.QueueUrls ?? [])]).size).toBe(3);
      expect(second.NextToken).toBeUndefined();
    },
  },
  {
    id: "delete-queue",
    title: "a deleted queue is gone at once, and its name is blocked for a minute",
    run: async ({ client, create, send, inTime, receive }) => {
      const QueueUrl = await create();
      const poll = receive(QueueUrl, { WaitTimeSeconds: 5 }).catch((error: unknown) => error);
      await client.send(new DeleteQueueCommand({ QueueUrl }));
      expect(await inTime(poll)).toMatchObject(sqsError("QueueDoesNotExist"));
      await expect(send(QueueUrl, "too late")).rejects.toMatchObject(sqsError("QueueDoesNotExist"));
      const again = new CreateQueueCommand({ QueueName: QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1) });
      await expect(client.send(again)).rejects.toMatchObject(sqsError("QueueDeletedRecently"));
    },
  },
  {
    id: "purge",
    title: "a purge removes all messages, those in flight too",
    run: async ({ client, create, send, receive, attributesOf, passTime }) => {
      const QueueUrl = await create({ VisibilityTimeout: "1" });
      await send(QueueUrl, "in flight");
      await receive(QueueUrl);
      await send(QueueUrl, "visible");
      await client.send(new PurgeQueueCommand({ QueueUrl }));
      await passTime(1500);
      expect(await receive(QueueUrl)).toEqual([]);
      expect(await attributesOf(QueueUrl)).toMatchObject({
        ApproximateNumberOfMessages: "0",
        ApproximateNumberOfMessagesNotVisible: "0",
      });
    },
  },
  {
    id: "purge-again",
    title: "a second purge within a minute is refused with PurgeQueueInProgress",
    run: async ({ client, create }) => {
      const QueueUrl = await create();
      await client.send(new PurgeQueueCommand({ QueueUrl }));
      await expect(client.send(new PurgeQueueCommand({ QueueUrl }))).rejects.toMatchObject(
        sqsError("PurgeQueueInProgress", 403),
      );
    },
  },
  {
    id: "redrive-target",
    title: "a dead-letter queue that does not exist is refused",
    run: async ({ client, create }) => {
      const QueueUrl = await create();
      const RedrivePolicy = JSON.stringify({
        deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:nowhere",
        maxReceiveCount: 2,
      });
      const command = new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } });
      await expect(client.send(command)).rejects.toMatchObject(sqsError("InvalidParameterValue"));
    },
  },
];
