/** Examines an account from the outside in: who asks, where, the stack, each of its parts, the quotas. */
import { openServiceQuotasClient, openStsClient } from "../../aws/account-clients.ts";
import type { AwsSettings } from "../../aws/clients.ts";
import { createRequestCounter, type RequestCounter } from "../../aws/request-counter.ts";
import { CloudburstError } from "../../base/errors.ts";
import type { CapacityProvider } from "../capacity-plan.ts";
import { closeClusterClients, openClusterClients } from "../cluster-clients.ts";
import { type DescribedStack, describeStack } from "../stack-discovery.ts";
import { stackOutputs } from "../stack-outputs.ts";
import { awsTrouble } from "./aws-trouble.ts";
import { examinePart, placeChecks } from "./examine-place.ts";
import type { Finding } from "./finding.ts";
import { quotaArn, quotaPage, readVcpuQuota } from "./vcpu-quota.ts";

export interface DoctorOptions {
  readonly aws: AwsSettings;
  /** Name of the CloudFormation stack. */
  readonly stack: string;
  readonly signal: AbortSignal;
}

/** Bursts of fewer workers than this are hardly worth the name. */
const amplyVcpus = 64;

const quotaChecks = { "on-demand quota": "FARGATE", "Spot quota": "FARGATE_SPOT" } as const;

/** One finding for each check, in a fixed order; what fails is a finding, never thrown. */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const counter = createRequestCounter();
  const identity = await examineIdentity(options, counter);
  const rest = ["stack", ...Object.keys(placeChecks), ...Object.keys(quotaChecks)];
  if (identity.region === undefined) {
    return [...identity.findings, ...rest.map((check) => skipped(check, "without credentials and a region"))];
  }
  const { region } = identity;
  const [stack, quotas] = await Promise.all([
    examineStack(options, counter),
    Promise.all(Object.entries(quotaChecks).map((quota) => examineQuota(quota, region, options, counter))),
  ]);
  return [...identity.findings, ...stack, ...quotas];
}

function skipped(check: string, why: string): Finding {
  return { check, status: "skipped", detail: `cannot be checked ${why}` };
}

async function examineIdentity(
  { aws, signal }: DoctorOptions,
  counter: RequestCounter,
): Promise<{ readonly findings: readonly Finding[]; readonly region: string | undefined }> {
  const client = await openStsClient(aws, counter);
  try {
    const { GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    const region = await client.config.region();
    const regionFinding: Finding = { check: "region", status: "ok", detail: region };
    try {
      const { Account, Arn } = await client.send(new GetCallerIdentityCommand(), { abortSignal: signal });
      const detail = `account ${Account ?? "unknown"}, ${Arn ?? "unknown"}`;
      return { findings: [regionFinding, { check: "credentials", status: "ok", detail }], region };
    } catch (error) {
      signal.throwIfAborted();
      const { message } = awsTrouble(error, askingWho);
      return {
        findings: [regionFinding, { check: "credentials", status: "fail", detail: message }],
        region: undefined,
      };
    }
  } catch (error) {
    signal.throwIfAborted();
    const { message } = awsTrouble(error, askingWho);
    const findings: Finding[] = [{ check: "region", status: "fail", detail: message }];
    return { findings: [...findings, skipped("credentials", "without a region")], region: undefined };
  } finally {
    client.destroy();
  }
}

const askingWho = { doing: "ask who these credentials are", action: "sts:GetCallerIdentity", resource: "*" };

async function examineStack(options: DoctorOptions, counter: RequestCounter): Promise<readonly Finding[]> {
  const { aws, signal } = options;
  try {
    const stack = await describeStack(options.stack, aws, counter, signal);
    checkStack(stack);
    const clients = openClusterClients(aws, counter);
    const parts = Object.keys(placeChecks).map((check) => examinePart(check, { stack, clients, signal }));
    const findings = await Promise.all(parts).finally(() => closeClusterClients(clients));
    return [statusFinding(stack), ...findings];
  } catch (error) {
    signal.throwIfAborted();
    const { message } = awsTrouble(error, { doing: "read the stack", action: "?", resource: options.stack });
    const parts = Object.keys(placeChecks).map((check) => skipped(check, "without the stack"));
    return [{ check: "stack", status: "fail", detail: message }, ...parts];
  }
}

function checkStack({ name, status, values }: DescribedStack): void {
  if (/^(DELETE_|CREATE_FAILED|ROLLBACK_)/u.test(status)) {
    const message = `the stack ${name} is in ${status} (remove it and deploy it again: npx cloudburst destroy ${name}, then npx cloudburst deploy ${name})`;
    throw new CloudburstError("stack_broken", message, { data: { status } });
  }
  const needed = ["bucket", "ecsCluster", "taskDefinitionFamily", "subnets"] as const;
  const missing = needed.filter((output) => values[output] === undefined).map((output) => stackOutputs[output]);
  if (missing.length === 0) return;
  const message = `the stack ${name} has no output ${missing.join(", ")}: it is not Cloudburst's, or older than this version (deploy it again: npx cloudburst deploy ${name})`;
  throw new CloudburstError("stack_incomplete", message, { data: { missing } });
}

function statusFinding({ name, status }: DescribedStack): Finding {
  if (/(CREATE|UPDATE|IMPORT)_COMPLETE$/u.test(status))
    return { check: "stack", status: "ok", detail: `${name} is in ${status}` };
  const what = status.endsWith("IN_PROGRESS") ? "it is being changed" : "its last change did not succeed";
  return {
    check: "stack",
    status: "warn",
    detail: `${name} is in ${status}: ${what} (see its events in CloudFormation)`,
  };
}

async function examineQuota(
  [check, provider]: readonly [string, CapacityProvider],
  region: string,
  { aws, signal }: DoctorOptions,
  counter: RequestCounter,
): Promise<Finding> {
  const client = await openServiceQuotasClient(aws, counter);
  try {
    const vcpus = await readVcpuQuota(client, provider, signal);
    if (vcpus === undefined) return { check, status: "warn", detail: "Service Quotas tells no value" };
    const detail = `${vcpus} vCPUs at once: ${vcpus} workers of 1 vCPU`;
    if (vcpus >= amplyVcpus) return { check, status: "ok", detail };
    return { check, status: "warn", detail: `${detail} (ask for more: ${quotaPage(provider, region)})` };
  } catch (error) {
    signal.throwIfAborted();
    const attempt = { action: "servicequotas:GetServiceQuota", resource: quotaArn(provider, region) };
    return { check, status: "warn", detail: awsTrouble(error, { doing: `read the ${check}`, ...attempt }).message };
  } finally {
    client.destroy();
  }
}
