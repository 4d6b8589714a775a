/** What the worker's main thread and a slot thread say to each other. Bytes are handed over, not copied, where they can be. */
import type { PackIndex } from "../wire/pack.ts";

/** Lines at hand: of them, `skip` are passed over and `take` used. */
export interface SlotPart {
  readonly bytes: Uint8Array;
  readonly skip: number;
  readonly take: number;
}

export type SlotLines = SlotPart | { readonly lines: readonly string[] };

/** A `WireInput` whose stored parts have been fetched. */
export type SlotInput =
  | { readonly kind: "value"; readonly line: string }
  /** A value that many chunks use. `of` only the first time that this slot meets it; the slot keeps it until told to forget. */
  | { readonly kind: "kept"; readonly key: string; readonly of: SlotInput | undefined }
  /** The bytes are one encoded value. */
  | { readonly kind: "encoded"; readonly bytes: Uint8Array }
  | { readonly kind: "item"; readonly part: SlotLines }
  | { readonly kind: "items"; readonly parts: readonly SlotLines[] }
  | { readonly kind: "list"; readonly items: readonly SlotInput[] }
  | { readonly kind: "record"; readonly entries: readonly (readonly [string, SlotInput])[] }
  | { readonly kind: "flatten"; readonly of: SlotInput }
  | { readonly kind: "each"; readonly column: SlotColumn };

export type SlotColumn =
  | { readonly kind: "items"; readonly parts: readonly SlotLines[] }
  | { readonly kind: "inputs"; readonly items: readonly SlotInput[] }
  | { readonly kind: "flatten"; readonly of: SlotColumn; readonly skip: number; readonly take: number }
  | { readonly kind: "step"; readonly step: number };

export interface SlotStep {
  readonly task: string;
  readonly inputs: readonly SlotInput[];
  readonly lengths: boolean;
}

/** A call that must not run again, since it ended the thread; the line says how it failed. */
export interface Poisoned {
  readonly step: number;
  readonly position: number;
  readonly line: string;
}

export interface SlotRun {
  readonly kind: "run";
  readonly runId: string;
  readonly bundle: { readonly sha256: string; readonly file: string };
  readonly range: { readonly start: number; readonly end: number } | null;
  readonly steps: readonly SlotStep[];
  /** Steps before this one are not run: `given` holds their committed lines. */
  readonly firstStep: number;
  readonly given: readonly (readonly string[])[];
  readonly poisoned: readonly Poisoned[];
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

/** What a thread is started with. `progress` holds step and position of the call under way, for when the thread dies. */
export interface SlotData {
  readonly progress: Int32Array;
}
