/** Puts a worker together from its environment, and ends the process when it has left. */
import { randomUUID } from "node:crypto";
import { type AwsSettings, openS3Client, openSqsClient } from "../aws/clients.ts";
import { createRequestCounter, type RequestCounter } from "../aws/request-counter.ts";
import { systemClock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import { formatLogLine } from "../base/log-line.ts";
import { createSqsQueue } from "../queue/sqs-queue.ts";
import { createS3Store } from "../store/s3-store.ts";
import { isOver, type RunLease } from "../wire/run-lease.ts";
import { ActivityReport } from "./activity-report.ts";
import { createBundles } from "./bundles.ts";
import { type DriverWatch, driverGone, readRunLease } from "./driver-watch.ts";
import { createLeaseKeeper } from "./lease-keeper.ts";
import { createOwnRun } from "./own-run.ts";
import { type RunContact, SharedRuns } from "./shared-runs.ts";
import { Slot } from "../slots/slot.ts";
import { SlotPool } from "../slots/slot-pool.ts";
import { InputReader } from "../slots/stored-inputs.ts";
import { createTaskProtection } from "./task-protection.ts";
import { createTeller } from "./teller.ts";
import { findWorkerId } from "./worker-id.ts";
import { readWorkerOptions, type WorkerOptions } from "./worker-options.ts";
import { BurstWorker, type WorkerDeps } from "./worker.ts";

/** Exit codes: 0 left in order, 70 could not start (BSD's EX_SOFTWARE). */
const exitFailed = 70;
/** Until the run's lease has been read, which says whether the worker may be dismissed. */
const firstPollMs = 1_000;
/** As long as a chunk should take at the most: one that waits longer for a slot stands behind an unusually long one. */
const slotPatienceMs = 2_000;
/** Flow bundles whose files a worker keeps: far more than it has chunks in hand, and little beside its disk of gigabytes. */
const keptBundles = (slots: number): number => 32 + 4 * slots;

export async function runWorkerProcess(file: URL): Promise<never> {
  // The image chooses Node, not its user: the SDK's advice to upgrade would only fill the log.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  // From the very first moment: as a container's first process, one without a handler would not hear SIGTERM at all.
  const stopped = new Promise<"stopped">((resolve) => process.once("SIGTERM", () => resolve("stopped")));
  try {
    const options = readWorkerOptions(process.env);
    if (options.parentPipe !== undefined) leaveWithParent();
    await work(options, file, stopped);
  } catch (error) {
    process.stderr.write(`cloudburst worker: ${toError(error).stack ?? String(error)}\n`);
    process.exit(exitFailed);
  }
  process.exit(0);
}

/** The launcher's end of the pipe closes with the launcher, however it died. What Ctrl-C means is for it to say. */
function leaveWithParent(): void {
  process.on("SIGINT", () => undefined);
  process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
  process.stdin.resume();
}

/** The SDK's own variables, read here since with an endpoint of their own the clients are made differently. */
function readEndpoints(env: NodeJS.ProcessEnv): AwsSettings {
  return {
    endpoint: env["AWS_ENDPOINT_URL"],
    endpoints: { sqs: env["AWS_ENDPOINT_URL_SQS"], s3: env["AWS_ENDPOINT_URL_S3"] },
  };
}

async function work(options: WorkerOptions, file: URL, stopped: Promise<"stopped">): Promise<void> {
  const counter = createRequestCounter();
  const endpoints = readEndpoints(process.env);
  const sqs = openSqsClient(endpoints, counter);
  const store = createS3Store(openS3Client(endpoints, counter), options.bucket, options);
  const maxHeapMiB =
    options.memoryMiB === undefined ? undefined : Math.floor((options.memoryMiB * 0.75) / options.slots);
  const slots = new SlotPool(
    Array.from({ length: options.slots }, () => new Slot({ file, maxHeapMiB })),
    { clock: systemClock, patienceMs: slotPatienceMs },
  );
  const workerId = await findWorkerId(process.env["ECS_CONTAINER_METADATA_URI_V4"], `${options.name}-${randomUUID()}`);
  const tasks = createSqsQueue(sqs, options.taskQueue);
  await using leases = createLeaseKeeper(tasks, options.leaseMs, systemClock);
  await using bundles = createBundles(store, keptBundles(options.slots));
  const parts: Parts = {
    stopped,
    workerId,
    store,
    tasks,
    slots,
    leases,
    bundles,
    inputs: new InputReader(store),
    tell: createTeller((url) => createSqsQueue(sqs, url)),
    takeRequests: () => counter.take(),
    clock: systemClock,
    print: (runId, line) => process.stdout.write(`${runId} ${formatLogLine(line)}\n`),
    log: (message, fields) => process.stderr.write(`cloudburst worker: ${message} ${JSON.stringify(fields)}\n`),
  };
  if (options.run === undefined) await serveManyRuns(parts, options, counter);
  else await serveOneRun(parts, options, options.run);
}

interface Parts extends Omit<WorkerDeps, "runs" | "activity"> {
  /** Resolves when the worker is told to go. */
  readonly stopped: Promise<"stopped">;
}

async function serveOneRun(parts: Parts, options: WorkerOptions, run: RunContact): Promise<void> {
  const about = { v: 1, runId: run.runId, worker: parts.workerId } as const;
  const activity = new ActivityReport((idle, turn) => {
    void parts.tell(run.notices, { ...about, kind: "activity", idle, turn }).catch(() => undefined); // a notice is a hint (I4)
  });
  const worker = new BurstWorker({ ...parts, runs: createOwnRun(), activity }, firstPollMs);
  const hello = sayHello(parts, options, run);
  const onLease = ({ scaling }: RunLease): void => {
    worker.pollFor(scaling?.lookMs); // no longer, since a poll is not broken off for a dismissal
    if (scaling === undefined) return;
    activity.looked();
    if (scaling.leaving.includes(parts.workerId)) worker.dismiss();
  };
  const reason = await workUntilTold(worker, { ...options, ...run, onLease }, parts);
  await hello;
  await parts.slots.close();
  await sayBye(parts, run, reason);
}

/** A shared worker stays until it is told to go: whoever started it decides how many there are. */
async function serveManyRuns(parts: Parts, options: WorkerOptions, counter: RequestCounter): Promise<void> {
  const { clock, log, store } = parts;
  const agentUri = process.env["ECS_AGENT_URI"];
  await using protection = createTaskProtection({ agentUri, clock, log });
  const greet = (run: RunContact): void => void sayHello(parts, options, run); // never rejects
  await using runs = new SharedRuns({ store, clock, graceMs: options.graceMs, greet });
  const activity = {
    busy: () => {
      protection.busy();
      forgetIdlePolls(counter);
    },
    idle: () => protection.idle(),
  };
  const worker = new BurstWorker({ ...parts, runs, activity });
  const reason = (await Promise.race([parts.stopped, worker.run()])) ?? "drained";
  if (agentUri === undefined) worker.breakOff(); // somebody waits for it at a keyboard, and the embedded cloud hears of it at once
  await worker.drain(options.drainMs);
  await parts.slots.close();
  await Promise.all(runs.current.map((run) => sayBye(parts, run, reason)));
}

/** What a worker asked while it was idle is no run's doing (I11), but for the receive that brought the chunk. */
function forgetIdlePolls(counter: RequestCounter): void {
  counter.take();
  counter.add({ sqs: { ReceiveMessage: 1 } });
}

async function sayHello({ workerId, tell }: Parts, { slots }: WorkerOptions, run: RunContact): Promise<void> {
  const about = { v: 1, runId: run.runId, worker: workerId } as const;
  const startupMs = Math.round(performance.now());
  await tell(run.notices, { ...about, kind: "hello", slots, startupMs }).catch(() => undefined); // a notice is a hint (I4)
}

async function sayBye({ workerId, tell, takeRequests }: Parts, run: RunContact, reason: string): Promise<void> {
  const about = { v: 1, runId: run.runId, worker: workerId } as const;
  const requests = takeRequests();
  await tell(run.notices, { ...about, kind: "bye", reason, requests }).catch(() => undefined); // a notice is a hint (I4)
}

/** Runs the worker until SIGTERM, its dismissal, the end of the run, the loss of the driver or the loss of the queue. */
async function workUntilTold(
  worker: BurstWorker,
  { runId, notices, graceMs, drainMs, onLease }: WorkerOptions & RunContact & Pick<DriverWatch, "onLease">,
  { store, stopped }: Pick<Parts, "store" | "stopped">,
): Promise<string> {
  const watching = new AbortController();
  const gone = driverGone({ store, runId, notices, graceMs, clock: systemClock, onLease }, watching.signal);
  const running = worker.run();
  const reason = (await Promise.race([stopped, gone, running])) ?? "drained";
  watching.abort();
  // Nobody wants the results of a run that has ended: what is in hand is dropped instead of finished.
  const lease = reason === "stopped" ? await readRunLease(store, runId).catch(() => undefined) : undefined;
  const wanted = reason === "stopped" && !(lease !== undefined && isOver(lease, notices));
  await worker.drain(wanted ? drainMs : 0);
  return reason;
}
