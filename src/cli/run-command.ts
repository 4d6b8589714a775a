/** `cloudburst run`: runs a flow that a file exports, and prints how it ended. */
import { Command } from "commander";
import { drive } from "./drive-flow.ts";
import { type ExecutorFlags, executorOf, withExecutorFlags } from "./executor-flags.ts";
import { loadFlow } from "./load-flows.ts";
import { likelyOutcome } from "./run-summary.ts";

interface RunFlags extends ExecutorFlags {
  readonly flow?: string;
}

export function runCommand(): Command {
  const command = new Command("run")
    .description("run a flow that a TypeScript or JavaScript file exports")
    .argument("<file>", "the file")
    .option("--flow <name>", "which flow, when the file exports several");
  return withExecutorFlags(command).action(runFlowFile);
}

async function runFlowFile(file: string, flags: RunFlags): Promise<void> {
  const executor = executorOf(flags);
  const flow = await loadFlow(file, flags.flow);
  const given = { parameters: flags.param, executor };
  await drive(flow, given, await likelyOutcome(flow, given));
}
