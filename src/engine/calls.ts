/** What the engine hands to executors. */
import type { RunFacts } from "../base/run-facts.ts";
import type { Call, CallBatch, IndexRange, Step } from "../executors/executor.ts";
import { Caller } from "../flow/caller.ts";
import type { CallWorld } from "../flow/current-call.ts";
import type { TaskNode } from "../flow/graph.ts";
import { isResumed, nodeSlugOf } from "../flow/slug.ts";
import { argumentsReader } from "./arguments.ts";

/** What all calls of one run have in common. */
export interface RunCalls {
  readonly facts: RunFacts;
  readonly world: CallWorld;
  /** Of tasks that do not say. */
  readonly timeoutMs: number | undefined;
}

/** How the calls of a node are made, wherever that is. */
export function stepOptions(node: TaskNode, calls: RunCalls): Pick<Step, "tags" | "timeoutMs" | "logStdout"> {
  return {
    tags: node.tags,
    timeoutMs: node.timeoutMs ?? calls.timeoutMs,
    logStdout: node.logStdout === true,
  };
}

export function plainCall(calls: RunCalls, step: Step, attempt: number): Call {
  const run: Call["run"] = () => callerOf(calls, step, attempt).run(undefined);
  return { runId: calls.facts.runId, attempt, step, run };
}

type Steps = readonly [Step, ...Step[]];

/** Makes the batches of one mapped node; what their calls have in common is made once. */
export function batchMaker(calls: RunCalls, steps: Steps, attempt = 0): (range: IndexRange) => CallBatch {
  const { runId } = calls.facts;
  let caller: Caller | undefined;
  // An executor that runs its calls elsewhere never asks.
  const run: CallBatch["run"] = (index) => (caller ??= callerOf(calls, steps[0], attempt)).run(index);
  return (range) => ({ runId, attempt, steps, range, run });
}

function callerOf({ facts, world }: RunCalls, step: Step, attempt: number): Caller {
  const subject = {
    run: facts,
    taskName: step.task.name,
    taskSlug: nodeSlugOf(step.slug),
    taskTags: step.tags ?? [],
    taskRunCount: attempt + 1,
    resumed: isResumed(step.slug),
    timeoutMs: step.timeoutMs,
    logStdout: step.logStdout === true,
  };
  return new Caller({ task: step.task, argumentsAt: argumentsReader(step.inputs), subject, world });
}
