#!/usr/bin/env node
/** The `cloudburst` command. Each subcommand is a file of its own. */
import { Command } from "commander";
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

const program = new Command("cloudburst")
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

// A subcommand that was made apart does not inherit it.
for (const command of program.commands) command.showHelpAfterError(`(see cloudburst ${command.name()} --help)`);

try {
  await program.parseAsync();
} catch (error) {
  // What we threw on purpose says all there is to say; of anything else the stack is wanted.
  console.error(error instanceof CloudburstError ? `cloudburst: ${error.message}` : toError(error).stack);
  process.exitCode = 1;
}
