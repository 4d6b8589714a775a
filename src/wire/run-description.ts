/** What the first driver of a run leaves for one that resumes it: what was run, with what, and as what code. */
import * as z from "zod";
import { decodeJson, encodeJson } from "./json.ts";

const lines = z.record(z.string(), z.string());

const runDescription = z.object({
  v: z.literal(1),
  flow: z.string(),
  /** Milliseconds since the epoch: what dates are made of. */
  startedAtMs: z.number(),
  /** Encoded values, as in `WireRunFacts`. */
  parameters: lines,
  context: lines,
  /** By slug, what of the flow decides which call a result is of. */
  outline: lines,
  /** SHA-256 of the first driver's bundle. */
  bundle: z.string(),
});
export type RunDescription = z.infer<typeof runDescription>;

export const encodeRunDescription = (description: RunDescription): string => encodeJson(description);
export const decodeRunDescription = (text: string): RunDescription =>
  decodeJson("run description", runDescription, text);
