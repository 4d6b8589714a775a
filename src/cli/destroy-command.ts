/** `cloudburst destroy`: takes the stack out of an AWS account, with all that runs have left there. */
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import type { AwsSettings } from "../aws/clients.ts";
import { createRequestCounter } from "../aws/request-counter.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { CloudburstError } from "../base/errors.ts";
import { type ClusterClients, closeClusterClients, openClusterClients } from "../cluster/cluster-clients.ts";
import { awsTrouble } from "../cluster/preflight/aws-trouble.ts";
import { defaultStack, type DescribedStack, describeStack } from "../cluster/stack-discovery.ts";
import { deleteDefinitions, deleteRunQueues, emptyBucket, findWorkers, stopWorkers } from "../cluster/teardown.ts";
import { createS3Store } from "../store/s3-store.ts";
import { type AwsFlags, awsEnvironment, awsSettings, withAwsFlags } from "./aws-flags.ts";
import { cdkRunner, findCdk, type RunCdk } from "./cdk.ts";
import { addContext, stackContext } from "./deploy-command.ts";
import { endSignal } from "./interrupt.ts";

interface DestroyFlags extends AwsFlags {
  readonly context?: readonly string[];
  readonly yes?: boolean;
}

export interface DestroyWorld {
  readonly aws: AwsSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runCdk: RunCdk;
  /** Whether the user agrees to what is about to be lost. */
  readonly confirm: (question: string) => Promise<boolean>;
  readonly say: (line: string) => void;
}

export function destroyCommand(): Command {
  const command = new Command("destroy")
    .description("stop what runs, empty the bucket, and take the stack out of the AWS account")
    .argument("[stack]", "name of the stack", defaultStack)
    .option("-c, --context <key=value>", "a setting that the stack was deployed with (repeatable)", addContext)
    .option("-y, --yes", "do not ask");
  return withAwsFlags(command).action(async (stack: string, flags: DestroyFlags) => {
    await destroy(stack, flags.context ?? [], {
      aws: awsSettings(flags, process.env),
      env: awsEnvironment(flags, process.env),
      clock: systemClock,
      signal: endSignal("stopping"),
      runCdk: cdkRunner(findCdk(process.cwd())),
      confirm: flags.yes === true ? () => Promise.resolve(true) : ask,
      say: (line) => console.log(line),
    });
  });
}

/**
 * Destroys the stack and what runs have left of it. Each step can be repeated: after a failure, call it again.
 * @throws CloudburstError when there is no such stack, the user does not agree, or a step fails
 */
export async function destroy(stack: string, context: readonly string[], world: DestroyWorld): Promise<void> {
  const deployed = await describeStack(stack, world.aws, createRequestCounter(), world.signal);
  const clients = openClusterClients(world.aws, createRequestCounter());
  try {
    await destroyIn(deployed, context, clients, world);
  } catch (error) {
    world.signal.throwIfAborted();
    const attempt = { doing: `destroy the stack ${stack}`, action: "a step of it", resource: `the stack ${stack}` };
    throw awsTrouble(error, { ...attempt, grant: "destroying takes the rights of whoever deployed it" });
  } finally {
    closeClusterClients(clients);
  }
}

async function destroyIn(
  { name, region, values }: DescribedStack,
  context: readonly string[],
  clients: ClusterClients,
  world: DestroyWorld,
): Promise<void> {
  const { bucket, ecsCluster, taskDefinitionPrefix, driverPolicyArn } = values;
  const found = ecsCluster === undefined ? [] : await findWorkers(clients.ecs, ecsCluster);
  const hasEcs = found !== "no-ecs";
  const workers = hasEcs ? found : [];
  if (!hasEcs) world.say("not looked at: workers and task definitions, since the endpoint is an emulator without ECS");
  const loss = `the stack ${name} in ${region}, all objects in its bucket ${bucket ?? "(none)"}, and ${workers.length} running workers`;
  if (!(await world.confirm(`This removes ${loss}. Go on?`))) {
    throw new CloudburstError("not_confirmed", `the stack ${name} was left as it is (answer y, or give --yes)`);
  }
  if (ecsCluster !== undefined && workers.length > 0) {
    await stopWorkers(
      clients.ecs,
      ecsCluster,
      workers.map(({ arn }) => arn),
      world,
    );
    world.say(`stopped ${workers.length} workers`);
  }
  const { objects, runIds } = await emptyIfThere(clients, bucket, world.signal);
  world.say(`deleted ${objects} objects`);
  const exitCode = await world.runCdk(["destroy", name, "--force", ...stackContext(name, context)], world.env);
  if (exitCode !== 0) {
    const message = `the stack ${name} was not removed: cdk ended with exit code ${exitCode} (its output says why; then try again)${attachedPolicy(driverPolicyArn)}`;
    throw new CloudburstError("destroy_failed", message);
  }
  // The stack's own definitions are gone now; those that drivers registered are left.
  if (hasEcs && taskDefinitionPrefix !== undefined) {
    world.say(`deleted ${await deleteDefinitions(clients.ecs, taskDefinitionPrefix)} task definitions`);
  }
  const queues = await deleteRunQueues(clients.sqs, runIds);
  world.say(`deleted ${queues.deleted} queues of runs`);
  if (queues.left.length > 0) {
    world.say(`left alone, since they may be another stack's: the queues ${queues.left.join(", ")}`);
  }
}

/** What stands most often in the way: IAM deletes no policy that somebody has attached, and only they may detach it. */
function attachedPolicy(arn: string | undefined): string {
  if (arn === undefined) return "";
  return `. A policy that is attached to others' users or roles must be detached first; these have it: aws iam list-entities-for-policy --policy-arn ${arn}`;
}

/** A bucket that is gone already is as empty as it can be: an earlier try came this far. */
async function emptyIfThere(clients: ClusterClients, bucket: string | undefined, signal: AbortSignal) {
  const nothing = { objects: 0, runIds: new Set<string>() };
  if (bucket === undefined) return nothing;
  try {
    return await emptyBucket(createS3Store(clients.s3, bucket), signal);
  } catch (error) {
    if (error instanceof CloudburstError && error.data["reason"] === "NoSuchBucket") return nothing;
    throw error;
  }
}

async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false; // nobody is there to answer
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/iu.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
