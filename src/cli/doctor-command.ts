/** `cloudburst doctor`: examines the AWS account that flows are to run on. It starts no worker. */
import { Command } from "commander";
import { examine } from "../cluster/preflight/doctor.ts";
import { defaultStack } from "../cluster/stack-discovery.ts";
import { type AwsFlags, awsSettings, withAwsFlags } from "./aws-flags.ts";
import { findingsTable, verdict } from "./findings-table.ts";
import { endSignal } from "./interrupt.ts";

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description("check credentials, stack, permissions and quotas of the AWS account; exit code 1 when a check fails")
    .argument("[stack]", "name of the stack", defaultStack)
    .option("--json", "print the findings as JSON");
  return withAwsFlags(command).action(runDoctor);
}

async function runDoctor(stack: string, flags: AwsFlags & { readonly json?: boolean }): Promise<void> {
  const findings = await examine({ aws: awsSettings(flags, process.env), stack, signal: endSignal("stopping") });
  if (flags.json === true) console.log(JSON.stringify(findings, undefined, 2));
  else console.log(`${findingsTable(findings, process.stdout.columns ?? 120)}\n\n${verdict(findings)}`);
  if (findings.some(({ status }) => status === "fail")) process.exitCode = 1;
}
