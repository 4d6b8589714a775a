/** `cloudburst worker`: one more worker process for a scheduler, which leaves when it is told to or the scheduler has ended. */
import { availableParallelism } from "node:os";
import * as z from "zod";
import { createRequestCounter } from "../aws/request-counter.ts";
import type { Clock } from "../base/clock.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import { parseOptions } from "../base/parse-options.ts";
import { createProcessLauncher } from "../embedded/process-launcher.ts";
import { parseSchedulerAddress, type SchedulerAddress } from "./address.ts";
import { type FoundScheduler, prepareConnection } from "./join-scheduler.ts";
import { sharedWorkerSpec } from "./shared-worker.ts";
import { findWorkerFile } from "./worker-file.ts";

/** How often it looks whether the scheduler is still there, and how long it may be silent: a laptop may have slept. */
const lookMs = 5_000;
const patienceMs = 30_000;

export interface WorkerJoinOptions {
  /** Calls that it runs at once, 1 to 256. @default one for each core */
  readonly threads?: number | undefined;
  /** Begins its name in messages. @default "worker" */
  readonly name?: string | undefined;
  /** @default CLOUDBURST_TOKEN, or the key that a scheduler of this user has left */
  readonly token?: string | undefined;
  /** File that holds the authority of the scheduler's certificate. */
  readonly tlsCa?: string | undefined;
}

export interface WorkerWorld {
  readonly log: (line: string) => void;
  /** A line that the worker has printed. */
  readonly output: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Aborts when the worker is to leave, after what it has in hand. */
  readonly signal: AbortSignal;
}

const schema = z.strictObject({
  threads: z
    .int({ error: "the number of threads must be a whole number from 1 to 256" })
    .min(1, { error: "a worker has at least 1 thread" })
    .max(256, { error: "a worker has at most 256 threads" })
    .optional(),
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, { error: "must have 1 to 64 letters, digits, dots, hyphens and underscores" })
    .optional(),
  tlsCa: z.string().min(1).optional(),
});

/**
 * Works for the scheduler until the signal aborts or the scheduler ends.
 * @throws InvalidOptionError, or CloudburstError when no connection comes about or when it is lost
 */
export async function joinAsWorker(address: string, options: WorkerJoinOptions, world: WorkerWorld): Promise<void> {
  const { token, ...plain } = options;
  const { threads = availableParallelism(), name = "worker", tlsCa } = parseOptions("worker", schema, plain);
  const parsed = parseSchedulerAddress(address);
  const connect = prepareConnection(parsed, { token, ca: tlsCa });
  const look = async (): Promise<FoundScheduler> => await connect(createRequestCounter(), world.signal);
  const { settings, bucket, queueUrl } = await look();
  const launcher = createProcessLauncher({ workerFile: findWorkerFile(), output: world.output });
  const worker = await launcher.launch(
    sharedWorkerSpec({
      name,
      slots: threads,
      endpoint: parsed.url,
      region: settings.region,
      credentials: settings.credentials,
      bucket,
      queueUrl,
      environment: environmentOf(world.env, tlsCa),
    }),
  );
  const leave = (): void => worker.kill("SIGTERM");
  world.signal.addEventListener("abort", leave, { once: true });
  if (world.signal.aborted) leave();
  world.log(`worker ${name} with ${String(threads)} threads has joined the scheduler at ${parsed.url}`);
  const done = new AbortController();
  const losing = watchScheduler(look, parsed, world, AbortSignal.any([world.signal, done.signal])).then((loss) => {
    if (loss !== undefined) leave();
    return loss;
  });
  const { exitCode, reason } = await worker.exited;
  done.abort();
  const loss = await losing;
  if (loss instanceof Error) throw loss;
  if (exitCode !== 0) {
    throw new CloudburstError("worker_failed", `the worker ended with exit code ${String(exitCode)}: ${reason ?? ""}`);
  }
  world.log(world.signal.aborted ? "the worker has left" : `the scheduler at ${parsed.url} has ended`);
}

/** What the user's flows may read: all but what would lead them to another cloud, and our own. */
function environmentOf(env: NodeJS.ProcessEnv, tlsCa: string | undefined): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(AWS|CLOUDBURST)_/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...(tlsCa !== undefined && { NODE_EXTRA_CA_CERTS: tlsCa }) };
}

/**
 * Resolves when the scheduler has ended, as one of this machine has when its port is free, or to an error when it is lost; to
 * nothing when the signal aborts.
 */
async function watchScheduler(
  look: () => Promise<unknown>,
  { loopback }: SchedulerAddress,
  { clock }: WorkerWorld,
  signal: AbortSignal,
): Promise<"ended" | Error | undefined> {
  let silentSince: number | undefined;
  for (;;) {
    await clock.sleep(lookMs, signal).catch(() => undefined); // ends by the signal only
    if (signal.aborted) return undefined;
    const trouble = await look().then(() => undefined, toError);
    if (signal.aborted) return undefined;
    if (trouble === undefined) {
      silentSince = undefined;
      continue;
    }
    if (!(trouble instanceof CloudburstError)) return trouble;
    if (trouble.code === "no_scheduler" && trouble.data["reason"] === "ECONNREFUSED" && loopback) return "ended";
    silentSince ??= clock.now();
    // One that refuses the key is another one: it has come to the address since.
    if (trouble.code === "scheduler_key" || clock.now() - silentSince >= patienceMs) return trouble;
  }
}
