/** What a check of the queue contract gets to work with. */

import { randomUUID } from "node:crypto";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import type { Message, ReceiveMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";

/** A running SQS, ours or another's. */
export interface QueueCloud extends AsyncDisposable {
  readonly client: SQSClient;
  /** Lets this much time pass for the cloud: by waiting, or by moving its clock. */
  passTime(ms: number): Promise<void>;
}

export interface QueueLab extends QueueCloud {
  /** A fresh queue's URL. */
  create(attributes?: Readonly<Record<string, string>>): Promise<string>;
  attributesOf(url: string): Promise<Readonly<Record<string, string>>>;
  send(url: string, body: string): Promise<void>;
  receive(url: string, more?: Partial<ReceiveMessageCommandInput>): Promise<readonly Message[]>;
  /** The result, letting the cloud's time pass until it is there; fails after a minute of it. */
  inTime<T>(pending: Promise<T>): Promise<T>;
}

export function openQueueLab(cloud: QueueCloud): QueueLab {
  const { client } = cloud;
  return {
    ...cloud,
    create: async (attributes = {}) => {
      const command = new CreateQueueCommand({ QueueName: `contract-${randomUUID()}`, Attributes: attributes });
      return (await client.send(command)).QueueUrl ?? "";
    },
    attributesOf: async (url) => {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
      return (await client.send(command)).Attributes ?? {};
    },
    send: async (url, body) => {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    },
    receive: async (url, more = {}) => {
      const input = { QueueUrl: url, MaxNumberOfMessages: 10, ...more };
      return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
    },
    inTime: async (pending) => {
      let settled = false;
      void pending.then(
        () => (settled = true),
        () => (settled = true),
      );
      for (let passedMs = 0; !settled && passedMs < 60_000; passedMs += 100) await cloud.passTime(100);
      if (!settled) throw new Error("nothing came within a minute of the cloud's time");
      return pending;
    },
  };
}

/** How a rejection of the SDK looks, for `rejects.toMatchObject`. */
export function sqsError(name: string, httpStatusCode = 400): object {
  return { name, $metadata: { httpStatusCode } };
}

export function receiptOf(message: Message | undefined): string {
  if (message?.ReceiptHandle === undefined) throw new Error("no message was received");
  return message.ReceiptHandle;
}

export function bodiesOf(messages: readonly Message[]): readonly string[] {
  return messages.map((message) => message.Body ?? "").sort();
}
