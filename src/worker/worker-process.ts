/** Puts a worker together from its environment, and ends the process when it has left. */
import { openS3Client, openSqsClient } from "../aws/clients.ts";
import { createRequestCounter } from "../aws/request-counter.ts";
import { systemClock } from "../base/clock.ts";
import { toError } from "../base/errors.ts";
import { createSqsQueue } from "../queue/sqs-queue.ts";
import { createS3Store } from "../store/s3-store.ts";
import { encodeNotice, type Notice } from "../wire/notice.ts";
import { type Batcher, createBatcher } from "./batcher.ts";
import { createBundles } from "./bundles.ts";
import { driverGone, readDriverState } from "./driver-watch.ts";
import { createLeaseKeeper } from "./lease-keeper.ts";
import { Slot } from "./slot.ts";
import { SlotPool } from "./slot-pool.ts";
import { InputReader } from "./stored-inputs.ts";
import { findWorkerId } from "./worker-id.ts";
import { readWorkerOptions, type WorkerOptions } from "./worker-options.ts";
import { BurstWorker } from "./worker.ts";

/** Exit codes: 0 left in order, 70 could not start (BSD's EX_SOFTWARE). */
const exitFailed = 70;

export async function runWorkerProcess(file: URL): Promise<never> {
  // The image chooses Node, not its user: the SDK's advice to upgrade would only fill the log.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  try {
    const options = readWorkerOptions(process.env);
    if (options.parentPipe !== undefined) leaveWithParent();
    await work(options, file);
  } catch (error) {
    process.stderr.write(`cloudburst worker: ${toError(error).stack ?? String(error)}\n`);
    process.exit(exitFailed);
  }
  process.exit(0);
}

/** The launcher's end of the pipe closes with the launcher, however it died. */
function leaveWithParent(): void {
  process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0));
  process.stdin.resume();
}

async function work(options: WorkerOptions, file: URL): Promise<void> {
  const counter = createRequestCounter();
  const endpoint = process.env["AWS_ENDPOINT_URL"];
  const sqs = openSqsClient({ endpoint }, counter);
  const store = createS3Store(openS3Client({ endpoint }, counter), options.bucket);
  const maxHeapMiB =
    options.memoryMiB === undefined ? undefined : Math.floor((options.memoryMiB * 0.75) / options.slots);
  const slots = new SlotPool(Array.from({ length: options.slots }, () => new Slot({ file, maxHeapMiB })));
  const workerId = await findWorkerId(process.env["ECS_CONTAINER_METADATA_URI_V4"], `process-${String(process.pid)}`);
  const tasks = createSqsQueue(sqs, options.taskQueue);
  await using leases = createLeaseKeeper(tasks, options.leaseMs, systemClock);
  await using bundles = createBundles(store);

  const noticeQueues = new Map<string, Batcher<string>>();
  const tell = async (url: string, notice: Notice): Promise<void> => {
    let batcher = noticeQueues.get(url);
    if (batcher === undefined) {
      const queue = createSqsQueue(sqs, url);
      batcher = createBatcher<string>((bodies) => queue.send(bodies), 10);
      noticeQueues.set(url, batcher);
    }
    await batcher.add(encodeNotice(notice));
  };

  const worker = new BurstWorker({
    workerId,
    store,
    tasks,
    slots,
    leases,
    bundles,
    inputs: new InputReader(store),
    tell,
    takeRequests: () => counter.take(),
    clock: systemClock,
    log: (message, fields) => process.stderr.write(`cloudburst worker: ${message} ${JSON.stringify(fields)}\n`),
  });

  const about = { v: 1, runId: options.runId, worker: workerId } as const;
  const hello = tell(options.noticeQueue, {
    ...about,
    kind: "hello",
    slots: options.slots,
    startupMs: Math.round(performance.now()),
  });
  const reason = await workUntilTold(worker, options, store);
  await hello.catch(() => undefined); // a notice is a hint (I4)
  await slots.close();
  await tell(options.noticeQueue, { ...about, kind: "bye", reason, requests: counter.take() }).catch(() => undefined); // likewise
}

/** Runs the worker until SIGTERM, the end of the run, the loss of the driver or the loss of the queue. */
async function workUntilTold(
  worker: BurstWorker,
  options: WorkerOptions,
  store: Parameters<typeof readDriverState>[0],
): Promise<string> {
  const { runId, graceMs } = options;
  const watching = new AbortController();
  const stopped = new Promise<"stopped">((resolve) => process.once("SIGTERM", () => resolve("stopped")));
  const gone = driverGone({ store, runId, graceMs, clock: systemClock }, watching.signal);
  const running = worker.run();
  const reason = (await Promise.race([stopped, gone, running])) ?? "drained";
  watching.abort();
  // Nobody wants the results of a run that has ended: what is in hand is dropped instead of finished.
  const state = reason === "stopped" ? await readDriverState(store, runId).catch(() => undefined) : undefined;
  const wanted = reason === "stopped" && state?.state !== "ended";
  await worker.drain(wanted ? options.drainMs : 0);
  return reason;
}
