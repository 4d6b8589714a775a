/** `cloudburst run`: runs a flow that a file exports, and prints how it ended. */
import { inspect } from "node:util";
import { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { createProgress } from "../observe/progress.ts";
import { type ExecutorFlags, executorOf, withExecutorFlags } from "./executor-flags.ts";
import { loadFlow } from "./load-flows.ts";
import { likelyOutcome, summaryOf } from "./run-summary.ts";

interface RunFlags extends ExecutorFlags {
  readonly flow?: string;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a flow that a TypeScript or JavaScript file exports, on workers of this machine or of AWS")
    .argument("<file>", "the file that exports the flow")
    .option("--flow <name>", "which flow, when the file exports several");
  return withExecutorFlags(command).action(runFlowFile);
}

async function runFlowFile(file: string, flags: RunFlags): Promise<void> {
  const executor = executorOf(flags);
  const flow = await loadFlow(file, flags.flow);
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
  const progress = createProgress({ stream: process.stderr, clock: systemClock });
  try {
    const { onEvent } = progress;
    const given = { parameters: flags.param ?? {}, executor };
    const planned = await likelyOutcome(flow, given);
    const state = await flow.run({ ...given, signal: interrupted.signal, onEvent });
    progress.stop();
    console.log(inspect(state.result, { depth: 6, maxArrayLength: 100 }));
    const summary = summaryOf(state, executor, progress.tally(), planned);
    if (summary !== undefined) console.error(summary);
    console.error(`${state.kind}: ${state.message}`);
    if (state.kind !== "Success") process.exitCode = 1;
  } finally {
    progress.stop();
  }
}
