import type { Clock } from "../../base/clock.ts";
import { createAwsJsonService } from "../aws-json.ts";
import type { Service } from "../service.ts";
import { messageOperations } from "./message-operations.ts";
import { queueOperations } from "./queue-operations.ts";
import { QueueRegistry } from "./queue-registry.ts";

export interface SqsServiceOptions {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
  /** Where queue URLs point; asked when a URL is made, since the port is known only then. */
  readonly endpoint: () => string;
}

/** SQS's standard queues, as far as Cloudburst uses them. */
export function createSqsService(options: SqsServiceOptions): Service {
  const queues = new QueueRegistry(options);
  return createAwsJsonService({
    name: "sqs",
    target: "AmazonSQS",
    version: "1.0",
    operations: {
      ...queueOperations(queues, (queue) => `${options.endpoint()}/${options.accountId}/${queue.name}`),
      ...messageOperations(queues),
    },
    close: () => {
      queues.close();
      return Promise.resolve();
    },
  });
}
