/** Finds what a stack tells its drivers: by asking CloudFormation, or in the file that `cdk deploy --outputs-file` wrote. */
import { readFileSync } from "node:fs";
import { openCloudFormationClient } from "../aws/account-clients.ts";
import type { AwsSettings } from "../aws/clients.ts";
import type { RequestCounter } from "../aws/request-counter.ts";
import { CloudburstError, InvalidOptionError, toError } from "../base/errors.ts";
import { awsTrouble } from "./preflight/aws-trouble.ts";
import { readStackValues, stackOutputs, type StackValues } from "./stack-outputs.ts";

export const defaultStack = "Cloudburst";

/** What was found, and what to call it in messages. */
export interface FoundStack {
  readonly name: string;
  readonly description: string;
  readonly values: StackValues;
}

/** A stack in whatever state it is. */
export interface DescribedStack extends FoundStack {
  readonly region: string;
  /** As CloudFormation names it: `CREATE_COMPLETE`. */
  readonly status: string;
}

/**
 * @throws CloudburstError `no_stack` with the command that makes one, `stack_not_ready`, or what AWS refused and why
 */
export async function findStack(
  name: string,
  settings: AwsSettings,
  counter: RequestCounter,
  signal: AbortSignal,
): Promise<FoundStack> {
  const stack = await describeStack(name, settings, counter, signal);
  checkStatus(name, stack.description, stack.status);
  return checked(stack);
}

/** @throws CloudburstError `no_stack` with the command that makes one, or what AWS refused and why */
export async function describeStack(
  name: string,
  settings: AwsSettings,
  counter: RequestCounter,
  signal: AbortSignal,
): Promise<DescribedStack> {
  const { DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const client = await openCloudFormationClient(settings, counter);
  try {
    const region = await client.config.region();
    const description = `the stack ${name} in ${region}`;
    const command = new DescribeStacksCommand({ StackName: name });
    const { Stacks: stacks = [] } = await client.send(command, { abortSignal: signal });
    const [stack] = stacks;
    if (stack === undefined) throw noStack(name, description);
    const outputs = Object.fromEntries(
      (stack.Outputs ?? []).map((output) => [output.OutputKey ?? "", output.OutputValue]),
    );
    return { name, description, region, status: stack.StackStatus ?? "", values: readStackValues(outputs) };
  } catch (error) {
    signal.throwIfAborted();
    if (isMissing(error)) throw noStack(name, `the stack ${name} in ${await client.config.region()}`, error);
    const resource = `the stack ${name}`;
    throw awsTrouble(error, { doing: `find the stack ${name}`, action: "cloudformation:DescribeStacks", resource });
  } finally {
    client.destroy();
  }
}

/**
 * @param name which stack, when the file tells of several; undefined takes the only one that is ours
 * @throws InvalidOptionError when the file cannot be read or has no such stack
 */
export function readOutputsFile(file: string, name: string | undefined): FoundStack {
  const stacks = new Map(parseOutputs(file).map(([stack, outputs]) => [stack, readStackValues(outputs)]));
  const ours = [...stacks].filter(([, values]) => values.bucket !== undefined).map(([stack]) => stack);
  const chosen = name ?? (ours.length === 1 ? ours[0] : ours.find((stack) => stack === defaultStack));
  const values = chosen === undefined ? undefined : stacks.get(chosen);
  if (chosen !== undefined && values !== undefined) {
    return checked({ name: chosen, description: `the stack ${chosen} of ${file}`, values });
  }
  const known = ours.length === 0 ? "no stack of Cloudburst" : `the stacks ${ours.join(", ")}`;
  const wanted = name === undefined ? "" : `, not ${name}`;
  throw new InvalidOptionError(
    `\`outputsFile\` ${file} has ${known}${wanted} (name one of them in \`stack\`, or write the file anew: npx cloudburst deploy --outputs-file ${file})`,
    { file, stacks: ours },
  );
}

function parseOutputs(file: string): [string, Record<string, unknown>][] {
  const record = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!record(parsed)) throw new Error("it is no object of stacks");
    return Object.entries(parsed).filter((entry): entry is [string, Record<string, unknown>] => record(entry[1]));
  } catch (error) {
    throw new InvalidOptionError(
      `\`outputsFile\` ${file} cannot be read: ${toError(error).message} (it is written by npx cloudburst deploy --outputs-file ${file})`,
      { file },
    );
  }
}

/** A stack by that name may be anybody's. */
function checked(found: FoundStack): FoundStack {
  const needed = ["bucket", "ecsCluster", "subnets"] as const;
  const missing = needed.filter((name) => found.values[name] === undefined).map((name) => stackOutputs[name]);
  if (missing.length === 0) return found;
  throw new CloudburstError(
    "no_stack",
    `${found.description} is not Cloudburst's: it lacks the outputs ${missing.join(", ")} (name the right one in \`stack\`, or make one: ${deployCommand(found.name)})`,
    { data: { stack: found.name, missing } },
  );
}

function checkStatus(name: string, description: string, status: string): void {
  if (
    /^(CREATE|UPDATE|IMPORT)_COMPLETE$|^(UPDATE|IMPORT)_(ROLLBACK_)?(COMPLETE|IN_PROGRESS)|_CLEANUP_IN_PROGRESS$/.test(
      status,
    )
  )
    return;
  const remedy =
    status.startsWith("DELETE") || status.endsWith("IN_PROGRESS")
      ? "wait until that is done, then"
      : "look into its events, then";
  throw new CloudburstError("stack_not_ready", `${description} is in ${status} (${remedy}: ${deployCommand(name)})`, {
    retryable: status.endsWith("IN_PROGRESS"),
    data: { stack: name, status },
  });
}

/** CloudFormation has one code for all that it finds wrong with a request. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationError" && error.message.includes("does not exist");
}

function noStack(name: string, description: string, cause?: unknown): CloudburstError {
  return new CloudburstError(
    "no_stack",
    `${description} does not exist (make it: ${deployCommand(name)}; or name another one in \`stack\`, or another region)`,
    { cause, data: { stack: name } },
  );
}

function deployCommand(name: string): string {
  return name === defaultStack ? "npx cloudburst deploy" : `npx cloudburst deploy ${name}`;
}
