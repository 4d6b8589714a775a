/** What the worker's main thread and a slot thread say to each other. Bytes are handed over, not copied, where they can be. */
import type { LogLine } from "../base/log-line.ts";
import type { CallRanges } from "../wire/call-ranges.ts";
import type { PackIndex } from "../wire/pack.ts";
import type { Order, Picks } from "../wire/picks.ts";

/** Lines at hand, of which `picks` are used. */
export interface SlotPart {
  readonly bytes: Uint8Array;
  readonly picks: Picks;
}

export type SlotLines = SlotPart | { readonly lines: readonly string[] };

/** The lines of all parts, one part after the other unless there is an order. */
export interface SlotItems {
  readonly parts: readonly SlotLines[];
  readonly order?: Order | undefined;
}

/** A `WireInput` whose stored parts have been fetched. */
export type SlotInput =
  | { readonly kind: "value"; readonly line: string }
  /** A value that many chunks use. `of` only the first time that this slot meets it; the slot keeps it until told to forget. */
  | { readonly kind: "kept"; readonly key: string; readonly of: SlotInput | undefined }
  /** The bytes are one encoded value. */
  | { readonly kind: "encoded"; readonly bytes: Uint8Array }
  | { readonly kind: "item"; readonly part: SlotLines }
  | ({ readonly kind: "items" } & SlotItems)
  | { readonly kind: "list"; readonly items: readonly SlotInput[] }
  | { readonly kind: "record"; readonly entries: readonly (readonly [string, SlotInput])[] }
  | { readonly kind: "flatten"; readonly of: SlotInput }
  | { readonly kind: "each"; readonly column: SlotColumn };

export type SlotColumn =
  | ({ readonly kind: "items" } & SlotItems)
  | { readonly kind: "inputs"; readonly items: readonly SlotInput[] }
  | { readonly kind: "flatten"; readonly of: SlotColumn; readonly picks: Picks }
  | { readonly kind: "step"; readonly step: number };

export interface SlotStep {
  readonly task: string;
  readonly inputs: readonly SlotInput[];
  readonly lengths: boolean;
  readonly slug: string;
  readonly tags?: readonly string[] | undefined;
  /** Which attempt this is. @default 1 */
  readonly runCount?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly logStdout?: boolean | undefined;
}

export interface SlotRun {
  readonly kind: "run";
  readonly runId: string;
  /** What the calls can ask of their run: a `WireRunFacts`. */
  readonly facts: SlotInput;
  readonly bundle: { readonly sha256: string; readonly file: string };
  /** Null: the one call of a plain task. */
  readonly ranges: CallRanges | null;
  readonly steps: readonly SlotStep[];
  /** Steps before this one are not run: `given` holds their committed lines. */
  readonly firstStep: number;
  readonly given: readonly (readonly string[])[];
  /** Lines of calls that are not to run again, since they have ended or since they ended the thread (slot-memory.ts, M1). */
  readonly known: readonly (string | undefined)[];
}

export type SlotRequest = SlotRun | { readonly kind: "forget"; readonly keys: readonly string[] };

export interface SlotStepResult {
  readonly body: Uint8Array;
  readonly index: PackIndex;
  readonly lines: readonly string[] | undefined;
  readonly failures: readonly (readonly [position: number, line: string])[] | undefined;
  readonly lengths: readonly number[] | undefined;
}

export type SlotReply =
  | { readonly kind: "done"; readonly results: readonly SlotStepResult[]; readonly busyMs: number }
  /** The bundle does not load, or a task is not in it: no chunk of this bundle can run. */
  | { readonly kind: "unusable"; readonly line: string };

/** What a thread says: replies, one for each run, and what comes before them. */
export type SlotMessage =
  | SlotReply
  | { readonly kind: "log"; readonly lines: readonly LogLine[] }
  /** Lines for which the journal had no room any more. */
  | { readonly kind: "journalled"; readonly from: number; readonly lines: readonly string[] };

/** What a thread is started with: the buffer of its `SlotMemory`. */
export interface SlotData {
  readonly memory: SharedArrayBuffer;
}
