/**
 * A slot: the thread that runs one call at a time. It decodes arguments and encodes results as well, so that the
 * worker's main thread stays free to renew leases whatever the user's code does.
 */
import { parentPort, workerData } from "node:worker_threads";
import { CloudburstError, toError } from "../base/errors.ts";
import { encodeValue } from "../wire/values.ts";
import { type LoadedBundle, loadBundle } from "./load-bundle.ts";
import { runSteps } from "./run-steps.ts";
import type { SlotData, SlotReply, SlotRequest, SlotRun } from "./slot-protocol.ts";

export function serveSlot(): void {
  const port = parentPort;
  if (port === null) throw new CloudburstError("not_a_thread", "a slot runs in a worker thread only");
  process.setSourceMapsEnabled(true);
  const { progress } = workerData as SlotData; // the main thread of this very program is the only one to start a slot
  const bundles = new Map<string, Promise<LoadedBundle>>();
  const kept = new Map<string, unknown>();

  const run = async (request: SlotRun): Promise<SlotReply> => {
    try {
      const bundle = await memoized(bundles, request.bundle.sha256, () => loadBundle(request.bundle.file));
      for (const step of request.steps) bundle.task(step.task);
      return await runSteps(request, bundle, kept, progress);
    } catch (error) {
      return { kind: "unusable", line: encodeValue(toError(error), "the error") };
    }
  };

  port.on("message", (request: SlotRequest) => {
    if (request.kind === "forget") {
      for (const key of request.keys) kept.delete(key);
      return;
    }
    void run(request).then((reply) => {
      const buffers = reply.kind === "done" ? reply.results.map((result) => ownBuffer(result.body)) : [];
      port.postMessage(
        reply,
        buffers.filter((buffer) => buffer !== undefined),
      );
    });
  });
}

function memoized<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

/** Small Buffers share one pool, which must not be handed over. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer | undefined {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : undefined;
}
