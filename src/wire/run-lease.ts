/** The object by which a driver shows its workers that it lives and still wants the run's results (I7). */
import * as z from "zod";
import { decodeJson, encodeJson } from "./json.ts";

const runLease = z.object({
  v: z.literal(1),
  state: z.enum(["running", "ended"]),
  /** Counts up with each renewal: workers look for a change, so that no two machines' clocks are ever compared. */
  renewal: z.number().int().nonnegative(),
});
export type RunLease = z.infer<typeof runLease>;

export const encodeRunLease = (lease: RunLease): string => encodeJson(lease);
export const decodeRunLease = (text: string): RunLease => decodeJson("run lease", runLease, text);
