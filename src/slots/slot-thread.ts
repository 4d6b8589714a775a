/**
 * A slot: the thread that runs one call at a time. It decodes arguments and encodes results as well, so that the
 * worker's main thread stays free to renew leases whatever the user's code does.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type Clock, systemClock } from "../base/clock.ts";
import { CloudburstError, toError } from "../base/errors.ts";
import { encodeValue } from "../wire/values.ts";
import { type LoadedBundle, loadBundle } from "./load-bundle.ts";
import { runSteps, type StepWorld } from "./run-steps.ts";
import { SlotLog } from "./slot-log.ts";
import { SlotMemory } from "./slot-memory.ts";
import type { SlotData, SlotMessage, SlotReply, SlotRequest, SlotRun } from "./slot-protocol.ts";

/** Never set back, whatever becomes of the machine's clock: calls are timed by it. */
const steadyClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };

export function serveSlot(): void {
  const port = parentPort;
  if (port === null) throw new CloudburstError("not_a_thread", "a slot runs in a worker thread only");
  process.setSourceMapsEnabled(true);
  const { memory: shared } = workerData as SlotData; // the main thread of this very program is the only one to start a slot
  const memory = new SlotMemory(shared);
  const bundles = new Map<string, Promise<LoadedBundle>>();
  const kept = new Map<string, unknown>();
  const post = (message: SlotMessage, handedOver: ArrayBuffer[] = []): void => port.postMessage(message, handedOver);

  const run = async (request: SlotRun, log: SlotLog): Promise<SlotReply> => {
    const world: StepWorld = {
      clock: steadyClock,
      memory,
      log: log.add,
      send: (journalled) => post({ kind: "journalled", ...journalled }),
    };
    try {
      const bundle = await memoized(bundles, request.bundle.sha256, () => loadBundle(request.bundle.file));
      for (const step of request.steps) bundle.task(step.task);
      return await runSteps(request, bundle, kept, world);
    } catch (error) {
      return { kind: "unusable", line: encodeValue(toError(error), "the error") };
    }
  };

  port.on("message", (request: SlotRequest) => {
    if (request.kind === "forget") {
      for (const key of request.keys) kept.delete(key);
      return;
    }
    const log = new SlotLog((lines) => post({ kind: "log", lines }));
    void run(request, log).then((reply) => {
      log.flush();
      const buffers = reply.kind === "done" ? reply.results.map((result) => ownBuffer(result.body)) : [];
      post(
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
