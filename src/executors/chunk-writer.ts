/** Writes chunk messages: inputs resolved, large ones moved to the store, the message kept small enough to bill once. */
import { createHash } from "node:crypto";
import type { Store } from "../store/store.ts";
import { type ChunkMessage, encodeChunkMessage, maxMessageBytes, type WireStep } from "../wire/chunk-message.ts";
import type { WireColumn } from "../wire/inputs.ts";
import { inputKey } from "../wire/keys.ts";
import type { WireRunFacts } from "../wire/run-facts.ts";
import { type Chunk, partCalls, stepOf } from "./chunk.ts";
import type { Step } from "./executor.ts";
import { ItemsWriter } from "./items-writer.ts";
import { StoredValues } from "./stored-values.ts";
import { writeInputs } from "./wire-inputs.ts";

export interface ChunkWriterOptions {
  readonly runId: string;
  readonly store: Store;
  readonly facts: WireRunFacts;
  /** SHA-256 of the flow's bundle. */
  readonly bundle: string;
  /** URL of the queue that takes the notices. */
  readonly notices: string;
}

/** Every chunk carries them, and hardly a task asks: what is longer is read from the store, once by each worker. */
export const factsInlineBytes = 2 * 1024;

export type ChunkWriter = (chunk: Chunk) => Promise<string>;

export function createChunkWriter(options: ChunkWriterOptions): ChunkWriter {
  const { runId, store } = options;
  const stored = new StoredValues(store, runId);

  return async (chunk) => {
    const about = {
      v: 1,
      runId,
      chunk: chunk.id,
      bundle: options.bundle,
      facts: await stored.value(options.facts, "the run's context", factsInlineBytes),
      ranges: chunk.ranges === null ? null : [...chunk.ranges],
      notices: options.notices,
    } as const;
    const steps = await writeSteps(chunk, stored);
    const body = encodeChunkMessage({ ...about, steps } satisfies ChunkMessage);
    if (Buffer.byteLength(body) <= maxMessageBytes) return body;
    const bytes = Buffer.from(JSON.stringify(steps));
    const key = inputKey(runId, createHash("sha256").update(bytes).digest("hex"));
    await store.putOnce(key, bytes);
    return encodeChunkMessage({ ...about, steps: { key } });
  };
}

/** The chunk's steps that are to be run, with their inputs as they travel. */
export async function writeSteps(chunk: Chunk, stored: StoredValues): Promise<WireStep[]> {
  const steps: WireStep[] = [];
  const place = { ranges: chunk.ranges, stepColumn: (earlier: number) => stepColumn(chunk, earlier) };
  for (let position = chunk.firstStep; position < chunk.steps.length; position += 1) {
    const step = stepOf(chunk, position);
    const inputs = await writeInputs(step, place, stored);
    // What is behind the first step of a batch runs for the first time, whatever came before.
    const runCount = position === 0 ? chunk.attempt + 1 : 1;
    const { task, slug, wantsLengths: lengths } = step;
    steps.push({ task: task.name, slug, inputs, lengths, ...said(step, runCount) });
  }
  return steps;
}

/** Only what is not as usual: every chunk carries it. */
function said(step: Step, runCount: number): Partial<WireStep> {
  const { tags, timeoutMs, logStdout } = step;
  return {
    ...(tags !== undefined && tags.length > 0 && { tags: [...tags] }),
    ...(runCount > 1 && { runCount }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(logStdout === true && { logStdout }),
  };
}

/** The results of an earlier step: computed in the same chunk, or committed by chunks that this one goes on from. */
function stepColumn(chunk: Chunk, earlier: number): WireColumn {
  if (earlier >= chunk.firstStep) return { kind: "step", step: earlier - chunk.firstStep };
  const writer = new ItemsWriter();
  for (const { range, prior } of chunk.parts) {
    const place = prior[earlier];
    if (place === undefined) throw new RangeError(`step ${String(earlier)} has no committed results`);
    writer.addPack(place.pack, place.from, place.from + partCalls(range));
  }
  return { kind: "items", ...writer.items() };
}
