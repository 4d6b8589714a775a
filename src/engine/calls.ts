/** What the engine hands to executors. */
import { toError } from "../base/errors.ts";
import type { Call, CallBatch, ExecutableTask, IndexRange, Outcome, Step } from "../executors/executor.ts";
import { argumentsReader } from "./arguments.ts";

export function plainCall(runId: string, step: Step, attempt: number): Call {
  return { runId, attempt, step, run: async () => await runBody(step.task, () => argumentsReader(step.inputs)(0)) };
}

type Steps = readonly [Step, ...Step[]];

/** Makes the batches of one mapped node; what their calls have in common is made once. */
export function batchMaker(runId: string, steps: Steps, attempt = 0): (range: IndexRange) => CallBatch {
  const [{ task, inputs }] = steps;
  let read: ((index: number) => readonly unknown[]) | undefined;
  // An executor that runs its calls elsewhere never asks.
  const argumentsAt = (index: number): readonly unknown[] => (read ??= argumentsReader(inputs))(index);
  const run = async (index: number): Promise<Outcome> => await runBody(task, () => argumentsAt(index));
  return (range) => ({ runId, attempt, steps, range, run, arguments: argumentsAt });
}

async function runBody(task: ExecutableTask, argumentsOf: () => readonly unknown[]): Promise<Outcome> {
  try {
    const returned: unknown = Reflect.apply(task.run, task, argumentsOf());
    return { kind: "success", value: await returned };
  } catch (thrown) {
    return { kind: "failed", error: toError(thrown) };
  }
}
