/** Runs the calls of one chunk, step by step, and writes each step's pack. */
import { toError } from "../base/errors.ts";
import { failedMark, notRunMark, type PackIndex, writePack } from "../wire/pack.ts";
import { encodeValue } from "../wire/values.ts";
import type { LoadedBundle } from "./load-bundle.ts";
import { type Argument, argumentOf, decodeItems } from "./slot-arguments.ts";
import type { SlotReply, SlotRun, SlotStep, SlotStepResult } from "./slot-protocol.ts";

/** Lines and failures travel in the notice up to this size, so that the driver reads the store only for large results. */
const inlineBytes = 24 * 1024;
/** Lengths travel in the notice up to this number, and stand in the pack's trailer in any case. */
const inlineLengths = 2048;

type Body = (...args: unknown[]) => unknown;

/** The outcome of one step: a line for each call, and the values of those that succeeded, for the next step. */
interface StepOutcome {
  readonly lines: string[];
  readonly values: unknown[];
}

export async function runSteps(
  request: SlotRun,
  bundle: LoadedBundle,
  kept: Map<string, unknown>,
  progress: Int32Array,
): Promise<SlotReply> {
  const earlier: unknown[][] = request.given.map((lines) => decodeItems(lines));
  let lines: readonly string[] = request.given.at(-1) ?? [];
  const results: SlotStepResult[] = [];
  let busyMs = 0;
  for (const [position, step] of request.steps.entries()) {
    if (position < request.firstStep) continue;
    const args = step.inputs.map((input) => argumentOf(input, { kept, earlier }));
    const startedAt = performance.now();
    const outcome = await runStep({
      request,
      step,
      position,
      args,
      body: bundle.task(step.task),
      before: lines,
      progress,
    });
    busyMs += performance.now() - startedAt;
    results.push(request.range === null ? singleResult(step, outcome) : mappedResult(step, outcome));
    earlier.push(outcome.values);
    lines = outcome.lines;
  }
  return { kind: "done", results, busyMs };
}

interface StepWork {
  readonly request: SlotRun;
  readonly step: SlotStep;
  readonly position: number;
  readonly args: readonly Argument[];
  readonly body: Body;
  /** Lines of the step before; a call runs only when it succeeded there. */
  readonly before: readonly string[];
  readonly progress: Int32Array;
}

async function runStep(work: StepWork): Promise<StepOutcome> {
  const { request, step, progress } = work;
  const start = request.range?.start ?? 0;
  const count = request.range === null ? 1 : request.range.end - start;
  const poisoned = new Map(request.poisoned.filter((p) => p.step === work.position).map((p) => [p.position, p.line]));
  const outcome: StepOutcome = { lines: new Array<string>(count), values: new Array<unknown>(count) };
  Atomics.store(progress, 0, work.position);
  for (let call = 0; call < count; call += 1) {
    const line = poisoned.get(call) ?? (didNotSucceed(work.before[call]) ? notRunMark : undefined);
    if (line !== undefined) {
      outcome.lines[call] = line;
      continue;
    }
    progress[1] = call;
    const name = request.range === null ? step.task : `${step.task}[${String(start + call)}]`;
    try {
      const returned = work.body(...work.args.map((argument) => argument(call)));
      const value = isThenable(returned) ? await returned : returned;
      outcome.values[call] = value;
      // A plain task's list is encoded element by element when its pack is written.
      outcome.lines[call] = isSliceable(request, value) ? "" : encodeValue(value, `the result of task ${name}`);
    } catch (error) {
      outcome.lines[call] = failedLine(error);
    }
  }
  return outcome;
}

function mappedResult(step: SlotStep, outcome: StepOutcome): SlotStepResult {
  const lengths = step.lengths ? outcome.values.map(lengthOf) : undefined;
  const { body, index } = writePack({ lines: outcome.lines, shape: "calls", lengths });
  return { body, index, ...inline(index, outcome.lines), lengths: shortLengths(lengths) };
}

function singleResult(step: SlotStep, outcome: StepOutcome): SlotStepResult {
  const value = outcome.values[0];
  if (!Array.isArray(value) || outcome.lines[0] !== "") return mappedResult(step, outcome);
  const elements: readonly unknown[] = value;
  try {
    const lines = elements.map((element, at) => encodeElement(element, step.task, at));
    const lengths = step.lengths ? elements.map(lengthOf) : undefined;
    const { body, index } = writePack({ lines, shape: "array", lengths });
    return { body, index, ...inline(index, lines), lengths: shortLengths(lengths) };
  } catch (error) {
    return mappedResult(step, { lines: [failedLine(error)], values: [undefined] });
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

/** A list without holes is stored element by element, so that mapping over it reads slices. */
function isSliceable(request: SlotRun, value: unknown): boolean {
  if (request.range !== null || !Array.isArray(value)) return false;
  for (let at = 0; at < value.length; at += 1) if (!(at in value)) return false;
  return true;
}

function didNotSucceed(line: string | undefined): boolean {
  return line !== undefined && (line.startsWith(failedMark) || line === notRunMark);
}

function failedLine(error: unknown): string {
  return `${failedMark}${encodeValue(toError(error), "the error")}`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
