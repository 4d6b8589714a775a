/** The worker file's entry: one file, which is the worker's main thread, one of its slots, or the host of a driver's slot. */
import { isMainThread } from "node:worker_threads";
import { slotHostArgument } from "../slots/slot-host-argument.ts";

// Imported on demand: a slot must not pay for the AWS SDK, nor the main thread for what only slots need.
if (isMainThread && process.argv[2] === slotHostArgument) {
  const { serveSlotHost } = await import("../slots/slot-host.ts");
  serveSlotHost(new URL(import.meta.url));
} else if (isMainThread) {
  const { runWorkerProcess } = await import("./worker-process.ts");
  await runWorkerProcess(new URL(import.meta.url));
} else {
  const { serveSlot } = await import("../slots/slot-thread.ts");
  serveSlot();
}
