/** The task queue that the runs of an existing cluster share, and where messages go that no worker can finish. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** The lease of a message in hand: workers renew it well before, and a dead one's chunk comes back after it. */
export const leaseTime = Duration.seconds(120);
/**
 * A chunk that kills its worker is split and sent anew by its driver long before; ten receives leave room for Spot
 * interruptions and for chunks that were given back.
 */
const maxReceives = 10;

export interface SharedQueuesProps {
  /** Encrypts messages. @default SQS's own key */
  readonly encryptionKey?: IKey | undefined;
}

export class SharedQueues extends Construct {
  readonly tasks: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { encryptionKey }: SharedQueuesProps) {
    super(scope, id);
    const common = commonProps(encryptionKey);
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...common,
      retentionPeriod: Duration.days(14), // SQS's longest: time to look into it
    });
    this.tasks = new Queue(this, "Tasks", {
      ...common,
      visibilityTimeout: leaseTime,
      retentionPeriod: Duration.days(1), // a run whose driver is gone needs nothing after its lease
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceives },
    });
  }
}

function commonProps(key: IKey | undefined): QueueProps {
  return {
    ...(key === undefined
      ? { encryption: QueueEncryption.SQS_MANAGED }
      : { encryption: QueueEncryption.KMS, encryptionMasterKey: key }),
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
  };
}
