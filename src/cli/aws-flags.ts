/** The flags of commands that speak to an AWS account. */
import type { Command } from "commander";
import type { AwsSettings } from "../aws/clients.ts";

export interface AwsFlags {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

export function withAwsFlags(command: Command): Command {
  return command
    .option("--region <name>", "AWS region (default: AWS_REGION, or the profile's)")
    .option("--profile <name>", "profile of the shared AWS configuration (default: AWS_PROFILE)")
    .option("--endpoint <url>", "endpoint of an emulator (default: AWS_ENDPOINT_URL)");
}

export function awsSettings({ region, profile, endpoint }: AwsFlags, env: NodeJS.ProcessEnv): AwsSettings {
  // Handed on by us, since the SDK by itself would look for a bucket under a host name of its own.
  return { region, profile, endpoint: endpoint ?? env["AWS_ENDPOINT_URL"] };
}

/** The same for a program that reads the environment. */
export function awsEnvironment({ region, profile, endpoint }: AwsFlags, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(region !== undefined && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...(profile !== undefined && { AWS_PROFILE: profile }),
    ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }),
  };
}
