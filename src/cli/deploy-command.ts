/** `cloudburst deploy`: puts the stack into an AWS account, by the CDK's command line. */
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { CloudburstError, InvalidOptionError } from "../base/errors.ts";
import { defaultStack } from "../cluster/stack-discovery.ts";
import { type AwsFlags, awsEnvironment, withAwsFlags } from "./aws-flags.ts";
import { cdkRunner, findCdk, type RunCdk } from "./cdk.ts";

interface DeployFlags extends AwsFlags {
  readonly context?: readonly string[];
  readonly outputsFile?: string;
  readonly yes?: boolean;
}

export function deployCommand(): Command {
  const command = new Command("deploy")
    .description("put the stack into the AWS account (docs/aws.md)")
    .argument("[stack]", "name of the stack", defaultStack)
    .option(
      "-c, --context <key=value>",
      "a setting of the stack, as infra/README.md of this package lists them (repeatable)",
      addContext,
    )
    .option("--outputs-file <file>", "write the stack's outputs there as JSON")
    .option("-y, --yes", "do not ask before roles and network rules are made");
  return withAwsFlags(command).action(async (stack: string, flags: DeployFlags) => {
    await deploy(stack, flags, cdkRunner(findCdk(process.cwd())));
    console.log(nextSteps(stack));
  });
}

/** @throws CloudburstError `deploy_failed` when the CDK's command line says so; it has printed why */
async function deploy(stack: string, flags: DeployFlags, runCdk: RunCdk): Promise<void> {
  const args = [
    "deploy",
    stack,
    ...stackContext(stack, flags.context ?? []),
    "--require-approval",
    flags.yes === true ? "never" : "broadening",
    // The command line runs in another directory than the user is in.
    ...(flags.outputsFile === undefined ? [] : ["--outputs-file", resolve(flags.outputsFile)]),
  ];
  const exitCode = await runCdk(args, awsEnvironment(flags, process.env));
  if (exitCode === 0) return;
  throw new CloudburstError(
    "deploy_failed",
    `the stack ${stack} was not deployed: cdk ended with exit code ${exitCode} (its output says why; without Docker, name an image that exists: -c image=<uri>)`,
  );
}

export function stackContext(stack: string, context: readonly string[]): readonly string[] {
  if (context.some((setting) => setting.startsWith("stackName="))) {
    throw new InvalidOptionError("-c stackName is no setting here (name the stack as the argument)");
  }
  return [`stackName=${stack}`, ...context].flatMap((setting) => ["--context", setting]);
}

export function addContext(text: string, before: readonly string[] = []): readonly string[] {
  if (text.indexOf("=") < 1) throw new InvalidArgumentError("write it as key=value");
  return [...before, text];
}

function nextSteps(stack: string): string {
  const named = stack === defaultStack ? "" : ` ${stack}`;
  return [
    "",
    "Next:",
    "  attach the policy of the output CloudburstDriverPolicyArn to whoever runs flows (docs/aws.md)",
    `  npx cloudburst doctor${named}`,
  ].join("\n");
}
