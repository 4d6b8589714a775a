/** The object by which a driver shows its workers that it lives and still wants the run's results (I7), and which are too many. */
import * as z from "zod";
import { decodeJson, encodeJson } from "./json.ts";

const runLease = z.object({
  v: z.literal(1),
  state: z.enum(["running", "ended"]),
  /** Counts up with each renewal: workers look for a change, so that no two machines' clocks are ever compared. */
  renewal: z.number().int().nonnegative(),
  /** Of a run whose fleet scales; absent where the number of workers is fixed. */
  scaling: z
    .object({
      /** How often a worker should look here. */
      lookMs: z.number().positive(),
      /** Ids of the workers that are to leave when what they have in hand has ended. */
      leaving: z.array(z.string()),
    })
    .optional(),
});
export type RunLease = z.infer<typeof runLease>;

export const encodeRunLease = (lease: RunLease): string => encodeJson(lease);
export const decodeRunLease = (text: string): RunLease => decodeJson("run lease", runLease, text);
