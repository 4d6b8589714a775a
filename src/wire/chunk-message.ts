/** The chunk message: driver → task queue → worker. */
import * as z from "zod";
import { callRanges } from "./call-ranges.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { wireInput } from "./inputs.ts";

/**
 * A message of at most this size bills as one SQS request (64 KiB) with room for what the transport adds; a larger
 * chunk puts its steps into the store and sends the key.
 */
export const maxMessageBytes = 48 * 1024;

const step = z.object({
  task: z.string(),
  slug: z.string(),
  inputs: z.array(wireInput),
  /** Tell the lengths of array results. */
  lengths: z.boolean(),
  tags: z.array(z.string()).optional(),
  /** Which attempt this is. @default 1 */
  runCount: z.number().int().positive().optional(),
  timeoutMs: z.number().positive().optional(),
  logStdout: z.boolean().optional(),
});
export type WireStep = z.infer<typeof step>;
export const wireSteps = z.array(step).min(1);

const chunkMessage = z.object({
  v: z.literal(1),
  runId: z.string(),
  /** Names the chunk in logs and notices; the same for every delivery. */
  chunk: z.string(),
  /** SHA-256 of the flow's bundle. */
  bundle: z.string().regex(/^[0-9a-f]{64}$/),
  /** What the calls can ask of their run: a `WireRunFacts`, in the store unless it is short. */
  facts: wireInput,
  /** Null: the one call of a plain task. */
  ranges: callRanges.nullable(),
  steps: z.union([wireSteps, z.object({ key: z.string() })]),
  /** Where notices go. */
  notices: z.string(),
});
export type ChunkMessage = z.infer<typeof chunkMessage>;

export const encodeChunkMessage = (message: ChunkMessage): string => encodeJson(message);
export const decodeChunkMessage = (body: string): ChunkMessage => decodeJson("chunk message", chunkMessage, body);
