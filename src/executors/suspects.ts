/**
 * What is done with a chunk whose workers keep dying (I8): it is split until the call that ends workers stands alone,
 * and only that call fails. Before that, the chunk's place in the store is closed, so that a late worker's commit of
 * the whole loses against the parts (I2).
 */
import { CloudburstError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";
import { CallIndices } from "../wire/call-ranges.ts";
import { packKey } from "../wire/keys.ts";
import { failedMark, writeFence, writePack } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import { advance, type Chunk, firstHalf, halvesOf, settleChunk, stepOf } from "./chunk.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type KnownPack, readPack } from "./pack-results.ts";

/** Losses that single a chunk out: the second in a row is no longer an accident of the infrastructure. */
const suspectLosses = 2;

export interface SuspectDeps {
  readonly runId: string;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  /** Why a worker was lost last, in the cloud's words. */
  readonly lastLoss: () => string | undefined;
}

export async function handleSuspect(chunk: Chunk, deliveries: number, deps: SuspectDeps): Promise<void> {
  const losses = deliveries - 1 - chunk.releases;
  chunk.releases = 0;
  if (losses < suspectLosses) {
    await deps.dispatcher.resend([chunk]);
    return;
  }
  deps.dispatcher.withdraw(chunk);
  const committed: KnownPack[] = [];
  for (let position = chunk.firstStep; position < chunk.steps.length; position += 1) {
    const closed = await close(chunk, position, deps);
    if (closed === "failed") {
      deps.dispatcher.finish(chunk);
      return;
    }
    if (closed === "split") {
      await deps.dispatcher.resend(halvesOf(advance(chunk, committed)));
      return;
    }
    committed.push(closed);
  }
  deps.dispatcher.finish(chunk); // every step had been committed before the worker died
}

/** Closes the place of one step: as failed when it is one call, by a fence when it is several; or finds its result there. */
async function close(chunk: Chunk, position: number, deps: SuspectDeps): Promise<"failed" | "split" | KnownPack> {
  const { runId, store } = deps;
  const key = packKey(runId, stepOf(chunk, position).slug, chunk.ranges);
  const single = chunk.calls === 1;
  const error = lostError(chunk, position, deps.lastLoss());
  const lines = [`${failedMark}${encodeValue(error, "the error")}`];
  const body = single ? writePack({ lines, shape: "calls" }).body : fenceOf(chunk);
  if ((await store.putOnce(key, body)) === "written") {
    if (single) settleChunk(chunk, position, { kind: "failed", error });
    return single ? "failed" : "split";
  }
  const pack = await readPack(store, key);
  if (pack === undefined)
    throw new CloudburstError("result_missing", `the result ${key} has been deleted during the run`);
  settleChunk(chunk, position, pack);
  return pack;
}

function fenceOf(chunk: Chunk): Uint8Array {
  const ranges = chunk.ranges ?? [];
  return writeFence(new CallIndices(ranges).at(firstHalf(chunk)), ranges);
}

function lostError(chunk: Chunk, position: number, reason: string | undefined): CloudburstError {
  const { task } = stepOf(chunk, position);
  const [first] = chunk.ranges ?? [];
  const name = first === undefined ? task.name : `${task.name}[${String(first.start)}]`;
  return new WorkerLostError(name, reason);
}

/** A call ended every worker that ran it; `data.reason` is the cloud's. */
class WorkerLostError extends CloudburstError {
  constructor(call: string, reason: string | undefined) {
    super(
      "worker_lost",
      `the worker was lost ${String(suspectLosses)} times while it ran task ${call}` +
        `${reason === undefined ? "" : `, last with: ${reason}`} (does the task need more memory, or end the process?)`,
      { data: { call, reason } },
    );
  }
}
