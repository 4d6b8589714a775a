/** `cloudburst cleanup`: removes what killed drivers have left in a stack's place. */
import { Command } from "commander";
import type { AwsSettings } from "../aws/clients.ts";
import { createRequestCounter } from "../aws/request-counter.ts";
import { durationToMs } from "../base/duration.ts";
import { InvalidOptionError } from "../base/errors.ts";
import { closeClusterClients, openClusterClients } from "../cluster/cluster-clients.ts";
import { type DeadRunsPlace, findLeftovers, type Leftovers, usualSilence } from "../cluster/dead-runs.ts";
import { awsTrouble } from "../cluster/preflight/aws-trouble.ts";
import { removeQueues } from "../cluster/run-queues.ts";
import { defaultStack, findStack } from "../cluster/stack-discovery.ts";
import { stopTasks } from "../cluster/stop-tasks.ts";
import { formatQuantity } from "../observe/human-units.ts";
import { type AwsFlags, awsSettings, withAwsFlags } from "./aws-flags.ts";
import { endSignal } from "./interrupt.ts";

/** Workers bear an hour of silence at the longest: so may the driver that they wait for, on a laptop that is carried about. */
const leastAgeMs = 3_600_000;

interface CleanupFlags extends AwsFlags {
  readonly olderThan: string;
  readonly dryRun?: boolean;
}

export interface CleanupWorld {
  readonly aws: AwsSettings;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export function cleanupCommand(): Command {
  const command = new Command("cleanup")
    .description("remove the queues, and stop the workers, of runs whose drivers were killed")
    .argument("[stack]", "name of the stack", defaultStack)
    .option("--older-than <duration>", "only of runs that nobody has renewed for so long: 1h, 2d", usualSilence)
    .option("--dry-run", "only say what would be removed");
  return withAwsFlags(command).action(async (stack: string, flags: CleanupFlags) => {
    await cleanup(stack, flags, {
      aws: awsSettings(flags, process.env),
      signal: endSignal("stopping"),
      say: (line) => console.log(line),
    });
  });
}

/**
 * Removes what dead runs of the stack have left; nothing of a run that may be alive, and nothing that may be another stack's.
 * @throws CloudburstError when there is no such stack, or a step fails; it can be repeated then
 */
export async function cleanup(
  stack: string,
  { olderThan, dryRun = false }: Pick<CleanupFlags, "olderThan" | "dryRun">,
  { aws, signal, say }: CleanupWorld,
): Promise<void> {
  const olderThanMs = readAge(olderThan);
  const counter = createRequestCounter();
  const { bucket = "", ecsCluster = "" } = (await findStack(stack, aws, counter, signal)).values;
  const clients = openClusterClients(aws, counter);
  try {
    const place: DeadRunsPlace = { clients, bucket, ecsCluster, olderThanMs, signal };
    const found = await findLeftovers(place);
    if (!dryRun) await remove(found, place);
    for (const line of report(found, { dryRun, olderThan })) say(line);
  } catch (error) {
    signal.throwIfAborted();
    const attempt = {
      doing: `clean up after runs of ${stack}`,
      action: "a step of it",
      resource: `the stack ${stack}`,
    };
    throw awsTrouble(error, attempt);
  } finally {
    closeClusterClients(clients);
  }
}

function readAge(given: string): number {
  const ms = durationToMs(given);
  if (ms >= leastAgeMs) return ms;
  throw new InvalidOptionError(
    `--older-than must be an hour or more, such as 1h, 12h or 2d, got ${given} (a driver may be silent for a while, and go on)`,
  );
}

/** Workers first: what they hold would only look lost to them. */
async function remove({ workers, queues }: Leftovers, { clients, ecsCluster }: DeadRunsPlace): Promise<void> {
  const arns = workers.map(({ arn }) => arn);
  await stopTasks(clients.ecs, ecsCluster, arns, "the driver of its run is gone");
  await removeQueues(clients.sqs, queues);
}

function* report(
  { runIds, queues, workers, living, foreign }: Leftovers,
  { dryRun, olderThan }: { readonly dryRun: boolean; readonly olderThan: string },
): Generator<string> {
  const what = `${formatQuantity(queues.length, "queue")} and ${formatQuantity(workers.length, "worker")} of ${formatQuantity(runIds.size, "run")}`;
  if (runIds.size === 0) yield `nothing is left of runs that nobody has renewed for ${olderThan}`;
  else yield `${dryRun ? "would remove" : "removed"} ${what} that nobody has renewed for ${olderThan}`;
  for (const { name } of queues) yield `  ${name}`;
  for (const { arn } of workers) yield `  worker ${arn.slice(arn.lastIndexOf("/") + 1)}`;
  if (living.length > 0)
    yield `left alone: ${formatQuantity(living.length, "queue")} of runs that are alive, or were a while ago`;
  if (foreign.length > 0) {
    yield `left alone, since they may be another stack's: ${foreign.map(({ name }) => name).join(", ")}`;
  }
}
