/** Runs a flow to its end before the user's eyes. */
import { systemClock } from "../base/clock.ts";
import type { Executor } from "../executors/executor.ts";
import type { RunOptions } from "../flow/run-options.ts";
import { runHeld } from "../flow/script-runs.ts";
import { createProgress } from "../observe/progress.ts";
import type { PlannedRun } from "../observe/summary.ts";
import { formatResult } from "./brief-errors.ts";
import { failureReport } from "./failure-report.ts";
import { endSignal, exitCodeAfter } from "./interrupt.ts";
import type { LoadedFlow } from "./load-flows.ts";
import { summaryOf } from "./run-summary.ts";

/**
 * The exit code is 1 unless the run ends with success, and that of the signal where one has cancelled it.
 * @param planned what to compare the run with
 */
export async function drive(
  flow: LoadedFlow["flow"],
  options: RunOptions & { readonly executor: Executor },
  planned: PlannedRun | undefined,
): Promise<void> {
  const ending = endSignal("cancelling the run");
  const progress = createProgress({ stream: process.stderr, clock: systemClock });
  try {
    const { onEvent } = progress;
    const state = await runHeld(() => flow.run({ ...options, signal: ending, onEvent }));
    progress.stop();
    if (state.kind !== "Cancelled") console.log(formatResult(state.result));
    const failures = failureReport(flow.tasks, state);
    if (failures !== undefined) console.error(failures);
    const summary = summaryOf(state, options.executor, progress.tally(), planned);
    if (summary !== undefined) console.error(summary);
    console.error(`${state.kind}: ${state.message}`);
    if (state.kind !== "Success") process.exitCode = ending.aborted ? exitCodeAfter(ending) : 1;
  } finally {
    progress.stop();
  }
}
