/** What a step's calls gave, as it is committed and told. */
import { toError } from "../base/errors.ts";
import type { CallRanges } from "../wire/call-ranges.ts";
import { failedMark, notRunMark, type PackIndex, writePack } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import type { SlotStep, SlotStepResult } from "./slot-protocol.ts";

/** Lines and failures travel in the notice up to this size, so that the driver reads the store only for large results. */
const inlineBytes = 24 * 1024;
/** Lengths travel in the notice up to this number, and stand in the pack's trailer in any case. */
const inlineLengths = 2048;

/** The outcome of one step: a line for each call, and the values of those that succeeded, for the next step. */
export interface StepOutcome {
  readonly lines: string[];
  readonly values: unknown[];
}

/** `ranges`: the calls of a mapped task; null for the one of a plain task. */
export function mappedResult(step: SlotStep, outcome: StepOutcome, ranges: CallRanges | null): SlotStepResult {
  // Calls that failed are holes, which `map` would leave as they are.
  const lengths = step.lengths ? Array.from(outcome.values, lengthOf) : undefined;
  const { body, index } = writePack({ lines: outcome.lines, shape: "calls", lengths, ranges });
  return { body, index, ...inline(index, outcome.lines), lengths: shortLengths(lengths) };
}

export function singleResult(step: SlotStep, outcome: StepOutcome): SlotStepResult {
  const value = outcome.values[0];
  if (!Array.isArray(value) || outcome.lines[0] !== "") return mappedResult(step, outcome, null);
  const elements: readonly unknown[] = value;
  try {
    const lines = elements.map((element, at) => encodeElement(element, step.task, at));
    const lengths = step.lengths ? elements.map(lengthOf) : undefined;
    const { body, index } = writePack({ lines, shape: "array", lengths });
    return { body, index, ...inline(index, lines), lengths: shortLengths(lengths) };
  } catch (error) {
    return mappedResult(step, { lines: [failedLine(error)], values: [undefined] }, null);
  }
}

function encodeElement(element: unknown, task: string, at: number): string {
  return encodeValue(element, `element ${String(at)} of the result of task ${task}`);
}

function inline(index: PackIndex, lines: readonly string[]): Pick<SlotStepResult, "lines" | "failures"> {
  if (index.bytes <= inlineBytes) return { lines, failures: undefined };
  const failures: [number, string][] = [];
  let bytes = 0;
  for (const [position, line] of lines.entries()) {
    if (!didNotSucceed(line)) continue;
    failures.push([position, line]);
    bytes += line.length + 16;
    if (bytes > inlineBytes) return { lines: undefined, failures: undefined };
  }
  return { lines: undefined, failures };
}

const shortLengths = (lengths: readonly number[] | undefined): readonly number[] | undefined =>
  lengths !== undefined && lengths.length <= inlineLengths ? lengths : undefined;

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : -1);

export function didNotSucceed(line: string | undefined): boolean {
  return line !== undefined && (line.startsWith(failedMark) || line === notRunMark);
}

export function failedLine(error: unknown): string {
  return `${failedMark}${encodeValue(toError(error), "the error")}`;
}
