/** What Cloudburst relies on in a queue service, as one suite for every SQS: ours, an emulator, AWS. */

import { contractSuite } from "./contract-suite.ts";
import type { Deviations } from "./contract-suite.ts";
import { portChecks } from "./queue-checks-port.ts";
import { queueChecks } from "./queue-checks-queues.ts";
import { receivingChecks } from "./queue-checks-receiving.ts";
import { sendingChecks } from "./queue-checks-sending.ts";
import { openQueueLab } from "./queue-lab.ts";
import type { QueueCloud } from "./queue-lab.ts";

export function queueContract(name: string, open: () => Promise<QueueCloud>, deviations: Deviations = {}): void {
  const checks = [...portChecks, ...queueChecks, ...sendingChecks, ...receivingChecks];
  contractSuite(`queue contract on ${name}`, checks, async () => openQueueLab(await open()), deviations);
}
