/** Checks of the queue port on its SQS adapter. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { expect } from "vitest";
import { createSqsQueue } from "../../src/queue/sqs-queue.ts";
import type { Check } from "./contract-suite.ts";
import type { QueueLab } from "./queue-lab.ts";

export const portChecks: readonly Check<QueueLab>[] = [
  {
    id: "port-many",
    title: "the port sends any number of bodies, and receives each with its number of deliveries",
    run: async ({ client, create }) => {
      const queue = createSqsQueue(client, await create(), { waitSeconds: 1 });
      await queue.send(Array.from({ length: 25 }, (_, index) => `body ${index}`));
      const received = new Set<string>();
      while (received.size < 25) {
        const messages = await queue.receive(10);
        for (const message of messages) {
          expect(message.deliveries).toBe(1);
          received.add(message.body);
        }
      }
      expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 25, delayed: 0 });
    },
  },
  {
    id: "port-large",
    title: "the port splits what is too large for one batch",
    run: async ({ client, create }) => {
      const queue = createSqsQueue(client, await create(), { waitSeconds: 1 });
      await queue.send(Array.from({ length: 5 }, () => "ü".repeat(250_000)));
      let bytes = 0;
      while (bytes < 2_500_000) for (const { body } of await queue.receive(10)) bytes += Buffer.byteLength(body);
      expect(bytes).toBe(2_500_000);
    },
  },
  {
    id: "port-ack",
    title: "the port acknowledges one receipt or many, and lapsed ones without an error",
    run: async ({ client, create }) => {
      const queue = createSqsQueue(client, await create(), { waitSeconds: 1 });
      await queue.send(["a", "b", "c"]);
      const receipts: string[] = [];
      while (receipts.length < 3) receipts.push(...(await queue.receive(10)).map((message) => message.receipt));
      await queue.ack(receipts.slice(0, 1));
      await queue.ack(receipts);
      expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0, delayed: 0 });
    },
  },
  {
    id: "port-extend",
    title: "the port names the receipts whose lease cannot be extended any more",
    run: async ({ client, create }) => {
      const queue = createSqsQueue(client, await create(), { waitSeconds: 1 });
      await queue.send(["a", "b"]);
      const receipts: string[] = [];
      while (receipts.length < 2) receipts.push(...(await queue.receive(10)).map((message) => message.receipt));
      expect(await queue.extend(receipts, 30_000)).toEqual([]);
      await queue.ack(receipts.slice(0, 1));
      expect(await queue.extend(receipts, 30_000)).toEqual(receipts.slice(0, 1));
      expect(await queue.extend(receipts.slice(0, 1), 30_000)).toEqual(receipts.slice(0, 1));
      expect(await queue.extend(receipts.slice(1), 0)).toEqual([]);
      const [again] = await queue.receive(1);
      expect(again?.deliveries).toBe(2);
    },
  },
  {
    id: "port-missing",
    title: "the port tells a queue that is gone by its code",
    run: async ({ client, create }) => {
      const url = await create();
      const queue = createSqsQueue(client, url);
      await client.send(new DeleteQueueCommand({ QueueUrl: url }));
      await expect(queue.receive(1)).rejects.toMatchObject({ code: "queue_missing", retryable: false });
      await expect(queue.send(["x"])).rejects.toMatchObject({ code: "queue_missing" });
    },
  },
  {
    id: "port-abort",
    title: "an aborted receive rejects with the signal's reason",
    run: async ({ client, create }) => {
      const queue = createSqsQueue(client, await create());
      const leaving = new AbortController();
      const receiving = queue.receive(1, { signal: leaving.signal });
      await nextTurn();
      leaving.abort(new Error("enough"));
      await expect(receiving).rejects.toThrow("enough");
      await expect(queue.send(["x"], { signal: leaving.signal })).rejects.toThrow("enough");
    },
  },
];
