/** What failed in a run, for people: first of all the errors of the calls that failed by themselves. */
import { inspect } from "node:util";
import { toError } from "../base/errors.ts";
import type { FlowState } from "../flow/flow-state.ts";
import type { FlowTask } from "../flow/flow-tasks.ts";
import { isFailed, type State } from "../flow/state.ts";
import { formatCount } from "../observe/human-units.ts";

/** Different errors that are shown in full. */
const maxShown = 5;
/** Failed children that are looked at, for each task: a million states would take longer to make than the run took. */
const maxChildren = 1_000;

interface FailedCall {
  /** `work`, or `work[3]`. */
  readonly name: string;
  readonly task: string;
  readonly error: Error;
  readonly attempts: number;
}

/** Undefined when nothing failed. */
export function failureReport(tasks: readonly FlowTask[], state: Pick<FlowState, "of">): string | undefined {
  const failed = tasks.flatMap((task) => failedCalls(task, state.of(task)));
  const kinds = byError(failed);
  const notRun = tasks.filter((task) => state.of(task).kind === "TriggerFailed").map(({ name }) => name);
  const lines = [
    ...kinds.slice(0, maxShown).map(describe),
    ...(kinds.length > maxShown ? [`… and ${formatCount(kinds.length - maxShown)} other errors`] : []),
    ...(notRun.length === 0 ? [] : [`not run because of failures before: ${notRun.join(", ")}`]),
  ];
  return lines.length === 0 ? undefined : lines.join("\n");
}

function failedCalls({ name }: FlowTask, state: State): readonly FailedCall[] {
  if (state.kind !== "Mapped") return isOwnFailure(state) ? [failedCall(name, name, state)] : [];
  const found: FailedCall[] = [];
  if (!Object.keys(state.mapStates.counts).some((kind) => ownFailures.has(kind))) return found;
  let index = 0;
  for (const child of state.mapStates) {
    if (isOwnFailure(child)) found.push(failedCall(name, `${name}[${String(index)}]`, child));
    if (found.length === maxChildren) break;
    index += 1;
  }
  return found;
}

/** Calls of one task that failed with the same error are told of together. */
function byError(failed: readonly FailedCall[]): readonly (readonly FailedCall[])[] {
  const kinds = new Map<string, FailedCall[]>();
  for (const call of failed) {
    const key = `${call.task} ${call.error.name} ${call.error.message}`;
    kinds.set(key, [...(kinds.get(key) ?? []), call]);
  }
  return [...kinds.values()];
}

/** A failed trigger is a consequence of other failures, which are told themselves. */
const ownFailures: ReadonlySet<string> = new Set(["Failed", "TimedOut", "ValidationFailed"]);
const isOwnFailure = (state: State): boolean => isFailed(state) && ownFailures.has(state.kind);

function failedCall(task: string, name: string, { error, attempts }: State): FailedCall {
  return { task, name, attempts, error: toError(error) };
}

function describe([first, ...others]: readonly FailedCall[]): string {
  if (first === undefined) return "";
  const attempts = first.attempts > 1 ? `, after ${String(first.attempts)} attempts` : "";
  const more =
    others.length === 0 ? "" : ` (and ${atLeast(others.length)} more calls of ${first.task} with this error)`;
  return `failed: ${first.name}${attempts}${more}\n${indented(inspect(first.error, { depth: 3 }))}`;
}

const atLeast = (count: number): string =>
  count + 1 < maxChildren ? formatCount(count) : `${formatCount(count)} or more`;
const indented = (text: string): string => text.replace(/^/gm, "    ");
