/** What runs one chunk at a time, whether in a thread of this process or in a process of its own. */
import type { LogLine } from "../base/log-line.ts";
import type { SlotReply, SlotRun } from "./slot-protocol.ts";

export interface SlotWork extends Omit<SlotRun, "kind" | "known"> {
  /** Lines of calls that are not to run (slot-memory.ts, M1). @default none */
  readonly known?: SlotRun["known"] | undefined;
}

/** Takes lines of the log as they come, in order. */
export type LogTaker = (lines: readonly LogLine[]) => void;

export interface CallSlot {
  /** Runs a chunk to its end. When the signal aborts, the call under way is ended, and the signal's reason is thrown. */
  run(work: SlotWork, signal: AbortSignal, log?: LogTaker): Promise<SlotReply>;
  /** Ends the call under way, whose `run` rejects. */
  close(): Promise<void>;
}
