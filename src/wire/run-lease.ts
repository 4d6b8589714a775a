/**
 * The object by which a driver shows its workers that it lives and still wants the run's results (I7), and which are too
 * many. A driver that resumes the run writes itself into it: by that, what belongs to the one before is over.
 */
import * as z from "zod";
import { decodeJson, encodeJson } from "./json.ts";

const runLease = z.object({
  v: z.literal(1),
  state: z.enum(["running", "ended"]),
  /** Counts up with each renewal: workers look for a change, so that no two machines' clocks are ever compared. */
  renewal: z.number().int().nonnegative(),
  /** Counts the drivers of the run: one that resumes it is the next. @default 1 */
  driver: z.number().int().positive().optional(),
  /** Name of the queue that the driver listens on; empty while it opens its cluster. @default any */
  notices: z.string().optional(),
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

/** The same for workers and for a driver that would take over: after so long without a renewal, a driver counts as gone. */
export const driverSilenceMs = 300_000;

/** Whether nobody wants what was to be told to this queue: the run has ended, or another driver goes on with it. */
export function isOver({ state, notices }: RunLease, queueUrl: string): boolean {
  return state === "ended" || (notices !== undefined && notices !== queueName(queueUrl));
}

/** Of a queue's URL, the host is another thing to each who uses it. */
export const queueName = (url: string): string => url.slice(url.lastIndexOf("/") + 1);
