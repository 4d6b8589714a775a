/** `cloudburst run`: runs a flow that a file exports, and prints how it ended. */
import { Command } from "commander";
import { variableOf } from "../config/environment.ts";
import { chooseExecutor } from "./choose-executor.ts";
import { drive } from "./drive-flow.ts";
import { type ExecutorFlags, withExecutorFlags } from "./executor-flags.ts";
import { loadFlow } from "./load-flows.ts";
import { likelyOutcome } from "./run-summary.ts";

interface RunFlags extends ExecutorFlags {
  readonly flow?: string;
  readonly logLevel?: string;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description(
      "run the flow of a TypeScript or JavaScript file: on its own executor, or on workers of this machine or of AWS",
    )
    .argument("<file>", "the file that exports the flow")
    .option("--flow <name>", "which flow, when the file exports several")
    .option("--log-level <level>", "log runs and tasks as well: debug, info, warn, error or off");
  return withExecutorFlags(command).action(runFlowFile);
}

async function runFlowFile(file: string, flags: RunFlags): Promise<void> {
  if (flags.logLevel !== undefined) process.env[variableOf("logging.level")] = flags.logLevel; // checked with the rest
  const { flow, parameters, executor: own } = await loadFlow(file, flags.flow);
  const executor = await chooseExecutor(flags, own);
  const given = { parameters: { ...parameters, ...flags.param }, executor };
  await drive(flow, given, await likelyOutcome(flow, given));
}
