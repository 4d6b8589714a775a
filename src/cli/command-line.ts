/** The `cloudburst` command. Each subcommand is a file of its own. */
import { Command, CommanderError } from "commander";
import { CloudburstError, toError } from "../base/errors.ts";
import { cleanupCommand } from "./cleanup-command.ts";
import { cloudCommand } from "./cloud-command.ts";
import { deployCommand } from "./deploy-command.ts";
import { destroyCommand } from "./destroy-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { planCommand } from "./plan-command.ts";
import { resumeCommand } from "./resume-command.ts";
import { runCommand } from "./run-command.ts";
import { runsCommand } from "./runs-command.ts";
import { simulateCommand } from "./simulate-command.ts";
import { packageVersion } from "./package-version.ts";
import { schedulerCommand } from "./scheduler-command.ts";
import { visualizeCommand } from "./visualize-command.ts";
import { whyCommand } from "./why-command.ts";
import { workerCommand } from "./worker-command.ts";

/** Reads the words behind `cloudburst` and does what they say; how it went is in `process.exitCode`, and on standard error. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const program = createProgram();
  for (const command of [program, ...program.commands]) {
    // A subcommand that was made apart does not inherit them.
    if (command !== program) command.showHelpAfterError(`(see cloudburst ${command.name()} --help)`);
    command.exitOverride();
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
    if (error instanceof CommanderError) return; // it has said why
    // What we threw on purpose says all there is to say; of anything else the stack is wanted.
    console.error(error instanceof CloudburstError ? `cloudburst: ${error.message}` : toError(error).stack);
  }
}

function createProgram(): Command {
  return new Command("cloudburst")
    .description(
      "Runs TypeScript flows whose mapped tasks burst onto workers: processes on this machine, or AWS Fargate.",
    )
    .version(packageVersion())
    .showHelpAfterError("(see --help)")
    .addCommand(runCommand())
    .addCommand(resumeCommand())
    .addCommand(planCommand())
    .addCommand(runsCommand())
    .addCommand(whyCommand())
    .addCommand(simulateCommand())
    .addCommand(visualizeCommand())
    .addCommand(schedulerCommand())
    .addCommand(workerCommand())
    .addCommand(cloudCommand())
    .addCommand(doctorCommand())
    .addCommand(deployCommand())
    .addCommand(cleanupCommand())
    .addCommand(destroyCommand());
}
