/** Finds and stops the tasks of one run, patiently: StopTask shares its request rate with the whole account. */
import { type ECSClient, ListTasksCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { backoffMs } from "../base/backoff.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { CloudburstError, toError } from "../base/errors.ts";

/** With 50 ms for a request, about as many as the account's bucket (40 a second) lets through. */
const maxConcurrentStops = 4;
/** On top of the SDK's own retries: about a minute, in which the bucket lets 2,400 more through. */
const maxTries = 8;
const throttledBackoff = { baseMs: 500, maxMs: 15_000 };

/** Time and chance, for the waits between tries. */
export interface StopWorld {
  readonly clock: Clock;
  readonly random: () => number;
}

/** Ids of the tasks that `startedBy` names and that are not about to stop. */
export async function findTasks(client: ECSClient, cluster: string, startedBy: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let nextToken: string | undefined;
  do {
    // startedBy must be the only filter; without a desired status, ECS lists what is to run.
    const page = await client.send(new ListTasksCommand({ cluster, startedBy, nextToken }));
    ids.push(...(page.taskArns ?? []).flatMap((arn) => arn.split("/").at(-1) ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return ids;
}

/**
 * Returns the ids for which ECS took the request, or which are gone already.
 * @throws CloudburstError `stop_failed` when it refused any, after all were tried
 */
export async function stopTasks(
  client: ECSClient,
  cluster: string,
  ids: readonly string[],
  reason: string,
  world: StopWorld = { clock: systemClock, random: Math.random },
): Promise<readonly string[]> {
  const stopped: string[] = [];
  const failures: Error[] = [];
  const left = ids.values();
  const stopper = async (): Promise<void> => {
    for (const task of left) {
      const failure = await stopPatiently(() => client.send(new StopTaskCommand({ cluster, task, reason })), world);
      if (failure === undefined) stopped.push(task);
      else failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxConcurrentStops, ids.length) }, stopper));
  const [first] = failures;
  if (first === undefined) return stopped;
  throw new CloudburstError(
    "stop_failed",
    `${String(failures.length)} of ${String(ids.length)} workers could not be told to stop: ${first.name}: ${first.message} ` +
      "(they leave by themselves when they find their queue gone or their driver silent)",
    { retryable: true, cause: first },
  );
}

async function stopPatiently(send: () => Promise<unknown>, { clock, random }: StopWorld): Promise<Error | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      await send();
      return undefined;
    } catch (thrown) {
      const error = toError(thrown);
      if (isGone(error)) return undefined;
      if (error.name !== "ThrottlingException" || tries === maxTries) return error;
      await clock.sleep(backoffMs(throttledBackoff, tries, random));
    }
  }
}

/** ECS forgets a task about an hour after its end. */
function isGone(error: Error): boolean {
  return error.name === "InvalidParameterException" && error.message.includes("task was not found");
}
