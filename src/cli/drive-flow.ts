/** Runs a flow to its end before the user's eyes. */
import { inspect } from "node:util";
import { systemClock } from "../base/clock.ts";
import type { RunOptions } from "../flow/run-options.ts";
import { runHeld } from "../flow/script-runs.ts";
import { createProgress } from "../observe/progress.ts";
import type { PlannedRun } from "../observe/summary.ts";
import { interruptSignal } from "./interrupt.ts";
import type { LoadedFlow } from "./load-flows.ts";
import { summaryOf } from "./run-summary.ts";

/** The exit code is 1 unless the run ends with success. @param planned what to compare the run with */
export async function drive(
  flow: LoadedFlow["flow"],
  options: RunOptions & Required<Pick<RunOptions, "executor">>,
  planned: PlannedRun | undefined,
): Promise<void> {
  const progress = createProgress({ stream: process.stderr, clock: systemClock });
  try {
    const { onEvent } = progress;
    const state = await runHeld(() => flow.run({ ...options, signal: interruptSignal(), onEvent }));
    progress.stop();
    console.log(inspect(state.result, { depth: 6, maxArrayLength: 100 }));
    const summary = options.executor && summaryOf(state, options.executor, progress.tally(), planned);
    if (summary !== undefined) console.error(summary);
    console.error(`${state.kind}: ${state.message}`);
    if (state.kind !== "Success") process.exitCode = 1;
  } finally {
    progress.stop();
  }
}
