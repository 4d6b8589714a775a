import { invalidReceiptHandle } from "./sqs-errors.ts";

/** Receipt handles: the queue, the message and the number of the delivery. Opaque to clients, as on AWS. */

export interface Receipt {
  readonly id: string;
  readonly delivery: number;
}

const receiptPattern = /^([\w-]{1,80}):([\da-f-]{36}):(\d+)$/;

export function formatReceipt(queueName: string, id: string, delivery: number): string {
  return `${queueName}:${id}:${delivery}`;
}

export function parseReceipt(queueName: string, receipt: string): Receipt {
  const [, queue, id, delivery] = receiptPattern.exec(receipt) ?? [];
  if (queue !== queueName || id === undefined) throw invalidReceiptHandle(receipt);
  return { id, delivery: Number(delivery) };
}
