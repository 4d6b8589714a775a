/** Runs the calls of one chunk, step by step, and writes each step's pack. */
import type { Clock } from "../base/clock.ts";
import type { LogLine } from "../base/log-line.ts";
import type { Outcome } from "../executors/executor.ts";
import { Caller } from "../flow/caller.ts";
import type { CallSubject } from "../flow/current-call.ts";
import { isResumed, nodeSlugOf } from "../flow/slug.ts";
import { CallIndices } from "../wire/call-ranges.ts";
import { notRunMark } from "../wire/pack.ts";
import { fromWireFacts, type WireRunFacts } from "../wire/run-facts.ts";
import { encodeValue } from "../wire/values.ts";
import type { LoadedBundle } from "./load-bundle.ts";
import { type Argument, argumentOf, decodeItems } from "./slot-arguments.ts";
import { didNotSucceed, failedLine, mappedResult, singleResult, type StepOutcome } from "./step-results.ts";
import type { Journalled, SlotMemory } from "./slot-memory.ts";
import type { SlotReply, SlotRun, SlotStep, SlotStepResult } from "./slot-protocol.ts";

/** How long after its timeout a call may go on, to end by its signal; then the main thread ends it, and this thread. */
const graceMs = 100;

/** What is around the calls of this thread. */
export interface StepWorld {
  readonly clock: Clock;
  readonly memory: SlotMemory;
  readonly log: (line: LogLine) => void;
  /** The journal is full: sends its lines to the main thread. */
  readonly send: (journalled: Journalled) => void;
}

export async function runSteps(
  request: SlotRun,
  bundle: LoadedBundle,
  kept: Map<string, unknown>,
  world: StepWorld,
): Promise<SlotReply> {
  const earlier: unknown[][] = request.given.map((lines) => decodeItems(lines));
  const facts = fromWireFacts(argumentOf(request.facts, { kept, earlier })(0) as WireRunFacts); // the driver made it
  let lines: readonly string[] = request.given.at(-1) ?? [];
  const results: SlotStepResult[] = [];
  const calls = request.ranges === null ? undefined : new CallIndices(request.ranges);
  let busyMs = 0;
  for (const [position, step] of request.steps.entries()) {
    if (position < request.firstStep) continue;
    const args = step.inputs.map((input) => argumentOf(input, { kept, earlier }));
    const caller = callerOf(calls, step, { args, facts, task: bundle.task(step.task), world });
    const run = new StepRun({ request, calls, step, position, before: lines, world });
    const startedAt = performance.now();
    const outcome = await run.run(caller);
    busyMs += performance.now() - startedAt;
    results.push(request.ranges === null ? singleResult(step, outcome) : mappedResult(step, outcome, request.ranges));
    earlier.push(outcome.values);
    lines = outcome.lines;
  }
  return { kind: "done", results, busyMs };
}

interface CalledWith {
  readonly args: readonly Argument[];
  readonly facts: CallSubject["run"];
  readonly task: ReturnType<LoadedBundle["task"]>;
  readonly world: StepWorld;
}

/** `calls` is undefined for the one call of a plain task. */
function callerOf(calls: CallIndices | undefined, step: SlotStep, { args, facts, task, world }: CalledWith): Caller {
  const { clock, log, memory } = world;
  const subject: CallSubject = {
    run: facts,
    taskName: step.task,
    taskSlug: nodeSlugOf(step.slug),
    taskTags: step.tags ?? [],
    taskRunCount: step.runCount ?? 1,
    resumed: isResumed(step.slug),
    timeoutMs: step.timeoutMs,
    logStdout: step.logStdout === true,
  };
  const onTimed = (timeoutMs: number): void => memory.setDeadline(timeoutMs + graceMs);
  const argumentsAt = (index: number): unknown[] => {
    const position = calls?.positionOf(index) ?? 0;
    return args.map((argument) => argument(position));
  };
  return new Caller({ task, argumentsAt, subject, world: { clock, log, onTimed } });
}

interface StepRunParts {
  readonly request: SlotRun;
  /** Undefined for the one call of a plain task. */
  readonly calls: CallIndices | undefined;
  readonly step: SlotStep;
  readonly position: number;
  /** Lines of the step before; a call runs only when it succeeded there. */
  readonly before: readonly string[];
  readonly world: StepWorld;
}

/** The calls of one step, one after the other. */
class StepRun {
  readonly #parts: StepRunParts;
  readonly #count: number;
  /** Of the step's first call (slot-memory.ts, M1). */
  readonly #first: number;
  readonly #outcome: StepOutcome;

  constructor(parts: StepRunParts) {
    this.#parts = parts;
    this.#count = parts.calls?.count ?? 1;
    this.#first = (parts.position - parts.request.firstStep) * this.#count;
    this.#outcome = { lines: new Array<string>(this.#count), values: new Array<unknown>(this.#count) };
    if (parts.request.known.length > 0) this.#takeKnown();
  }

  async run(caller: Caller): Promise<StepOutcome> {
    const { calls, before, world } = this.#parts;
    const { lines } = this.#outcome;
    for (let call = 0; call < this.#count; call += 1) {
      const known = lines[call] ?? (didNotSucceed(before[call]) ? notRunMark : undefined);
      if (known === undefined) {
        world.memory.begin(this.#first + call);
        const ended = caller.run(calls?.at(call));
        lines[call] = this.#end(call, ended instanceof Promise ? await ended : ended);
      } else {
        lines[call] = known;
      }
      this.#journal(call);
    }
    // What dies from now on, while the pack is made, dies of the last call's result as much as of any other.
    world.memory.begin(this.#first + this.#count - 1);
    return this.#outcome;
  }

  #takeKnown(): void {
    const { lines, values } = this.#outcome;
    const known = this.#parts.request.known.slice(this.#first, this.#first + this.#count);
    const at = [...known.keys()].filter((call) => known[call] !== undefined);
    const decoded = decodeItems(at.map((call) => known[call] ?? ""));
    for (const [position, call] of at.entries()) {
      lines[call] = known[call] ?? "";
      values[call] = decoded[position];
    }
  }

  #end(call: number, outcome: Outcome): string {
    const { calls, step, world } = this.#parts;
    if (step.timeoutMs !== undefined) world.memory.clearDeadline();
    if (outcome.kind === "failed") return failedLine(outcome.error);
    const { value } = outcome;
    const name = calls === undefined ? step.task : `${step.task}[${String(calls.at(call))}]`;
    try {
      // A plain task's list is encoded element by element when its pack is written.
      const line = calls === undefined && isSliceable(value) ? "" : encodeValue(value, `the result of task ${name}`);
      this.#outcome.values[call] = value;
      return line;
    } catch (error) {
      return failedLine(error);
    }
  }

  #journal(call: number): void {
    const { calls, world } = this.#parts;
    if (calls === undefined) return; // one call alone has no mates
    const { memory } = world;
    const line = this.#outcome.lines[call] ?? "";
    if (memory.add(line)) return;
    const { from, lines } = memory.journalled;
    world.send({ from, lines: [...lines, line] });
    memory.startOver(this.#first + call + 1);
  }
}

/** A list without holes is stored element by element, so that mapping over it reads slices. */
function isSliceable(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let at = 0; at < value.length; at += 1) if (!(at in value)) return false;
  return true;
}
