/** `cloudburst run`: runs a flow that a file exports, and prints how it ended. */
import { inspect } from "node:util";
import { Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { runHeld } from "../flow/script-runs.ts";
import { variableOf } from "../config/environment.ts";
import { createProgress } from "../observe/progress.ts";
import { type ExecutorFlags, executorOf, withExecutorFlags } from "./executor-flags.ts";
import { loadFlow } from "./load-flows.ts";
import { likelyOutcome, summaryOf } from "./run-summary.ts";

interface RunFlags extends ExecutorFlags {
  readonly flow?: string;
  readonly logLevel?: string;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a flow that a TypeScript or JavaScript file exports, on workers of this machine or of AWS")
    .argument("<file>", "the file that exports the flow")
    .option("--flow <name>", "which flow, when the file exports several")
    .option("--log-level <level>", "tell of runs and tasks too: debug, info, warn, error or off");
  return withExecutorFlags(command).action(runFlowFile);
}

async function runFlowFile(file: string, flags: RunFlags): Promise<void> {
  if (flags.logLevel !== undefined) process.env[variableOf("logging.level")] = flags.logLevel; // checked with the rest
  const executor = executorOf(flags);
  const { flow, parameters } = await loadFlow(file, flags.flow);
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort(new Error("interrupted")));
  const progress = createProgress({ stream: process.stderr, clock: systemClock });
  try {
    const { onEvent } = progress;
    const given = { parameters: { ...parameters, ...flags.param }, executor };
    const planned = await likelyOutcome(flow, given);
    const state = await runHeld(() => flow.run({ ...given, signal: interrupted.signal, onEvent }));
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
