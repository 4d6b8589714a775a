/** Notices: worker → notice queue → driver. A notice is a hint, the store is the truth (I4). */
import * as z from "zod";
import { LOG_LEVELS } from "../base/log-line.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { packIndexSchema } from "./pack.ts";

const requestCounts = z.record(z.string(), z.record(z.string(), z.number().int().nonnegative()));

const stepResult = z.object({
  /** Absent: the pack was there already, from an earlier delivery; the store tells what is in it. */
  index: packIndexSchema.optional(),
  /** All lines, when they are few. */
  lines: z.array(z.string()).optional(),
  /** The lines of failed calls by position in the chunk, when they are few; absent with `lines` present or on many failures. */
  failures: z.array(z.tuple([z.number().int().nonnegative(), z.string()])).optional(),
  /** Lengths of array results, where the step asks for them and they are few. */
  lengths: z.array(z.number().int().min(-1)).optional(),
});
export type StepResult = z.infer<typeof stepResult>;

const logLine = z.object({ level: z.enum(LOG_LEVELS), task: z.string(), line: z.string(), atMs: z.number() });

/** What the calls of a chunk wrote, in order, up to what a notice should hold. */
const noticeLog = z.object({ lines: z.array(logLine), leftOut: z.number().int().nonnegative() });
export type NoticeLog = z.infer<typeof noticeLog>;

const base = { v: z.literal(1), runId: z.string(), worker: z.string() };
/** Requests that the worker has made since its last notice (I11). */
const counted = { requests: requestCounts };

const notice = z.discriminatedUnion("kind", [
  z.object({ ...base, kind: z.literal("hello"), slots: z.number().int().positive(), startupMs: z.number() }),
  z.object({
    ...base,
    ...counted,
    kind: z.literal("committed"),
    chunk: z.string(),
    results: z.array(stepResult),
    /** Milliseconds in calls, without fetching and committing. */
    busyMs: z.number().nonnegative(),
    log: noticeLog.optional(),
  }),
  /** The chunk was given back unfinished: its delivery does not count against it (I9). */
  z.object({ ...base, kind: z.literal("released"), chunk: z.string() }),
  /** The chunk has been delivered so often that its calls may be what ends workers; the driver decides (I8). */
  z.object({ ...base, kind: z.literal("suspect"), chunk: z.string(), deliveries: z.number().int().positive() }),
  /** The chunk cannot run at all, on any worker: its bundle does not load, a task is not in it. Ends the run. */
  z.object({ ...base, kind: z.literal("failed"), chunk: z.string(), error: z.string() }),
  /**
   * Whether the worker has had nothing to do for a while, told when that changes and only where the fleet scales. `turn`
   * counts up: notices arrive in any order.
   */
  z.object({ ...base, kind: z.literal("activity"), idle: z.boolean(), turn: z.number().int().positive() }),
  z.object({ ...base, ...counted, kind: z.literal("bye"), reason: z.string() }),
]);
export type Notice = z.infer<typeof notice>;

export const encodeNotice = (value: Notice): string => encodeJson(value);
export const decodeNotice = (body: string): Notice => decodeJson("notice", notice, body);
