/** The worker file's entry: one file, which is the worker's main thread or one of its slots. */
import { isMainThread } from "node:worker_threads";

// Imported on demand: a slot must not pay for the AWS SDK, nor the main thread for what only slots need.
if (isMainThread) {
  const { runWorkerProcess } = await import("./worker-process.ts");
  await runWorkerProcess(new URL(import.meta.url));
} else {
  const { serveSlot } = await import("../slots/slot-thread.ts");
  serveSlot();
}
