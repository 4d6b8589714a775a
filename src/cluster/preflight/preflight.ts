/**
 * Looks before a run leaps: what would make it fail, or cost money for nothing, is found before the first worker is
 * started. A few small requests, side by side; nothing is made.
 */
import { ListTasksCommand } from "@aws-sdk/client-ecs";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { openServiceQuotasClient } from "../../aws/account-clients.ts";
import { CloudburstError } from "../../base/errors.ts";
import { fargateMemoriesMiB } from "../../base/fargate-sizes.ts";
import type { CapacityProvider } from "../capacity-plan.ts";
import type { PreflightContext } from "../preflight-context.ts";
import { awsTrouble } from "./aws-trouble.ts";
import {
  quotaArn,
  quotaName,
  quotaPage,
  type QuotaFit,
  readVcpuQuota,
  type VcpuQuota,
  workersThatFit,
} from "./vcpu-quota.ts";

export interface PreflightReport {
  /** The most workers that the account's vCPU quotas allow at once; undefined when they could not be read. */
  readonly maximum: number | undefined;
  /** What could not be checked, with the reason, and that fewer workers fit the quota than are wanted. */
  readonly warnings: readonly string[];
}

/**
 * @throws CloudburstError with the remedy: credentials, permissions, bucket, ECS cluster or architecture are not what the
 * run needs, or the quota has no room for a single worker
 */
export async function preflight(context: PreflightContext): Promise<PreflightReport> {
  checkArchitecture(context);
  const [bucket, cluster, quotas] = await Promise.allSettled([
    checkBucket(context),
    checkEcsCluster(context),
    readQuotas(context),
  ]);
  passed(bucket);
  passed(cluster);
  const { known, warnings } = passed(quotas);
  const fit = workersThatFit(known, context.capacity, context.cpu);
  const shortfall = fit === undefined ? [] : checkQuota(context, fit);
  return { maximum: fit?.workers, warnings: [...warnings, ...shortfall] };
}

/** All checks end before the first failure is thrown: none goes on behind the run's back. */
function passed<T>(check: PromiseSettledResult<T>): T {
  if (check.status === "rejected") throw check.reason;
  return check.value;
}

/** The stack's own image on another architecture than it was built for ends each worker as soon as it starts. */
function checkArchitecture({ image, architecture, place }: PreflightContext): void {
  if (image !== place.image || place.architecture === undefined || architecture === place.architecture) return;
  throw new CloudburstError(
    "wrong_architecture",
    `architecture is ${architecture}, and the image of ${place.description} is built for ${place.architecture} ` +
      `(set architecture: "${place.architecture}", name an image for ${architecture}, or deploy with -c architecture=${architecture})`,
    { data: { architecture, image, imageArchitecture: place.architecture } },
  );
}

export async function checkBucket({ clients, place, signal }: PreflightCheck): Promise<void> {
  const command = new ListObjectsV2Command({ Bucket: place.bucket, Prefix: "runs/", MaxKeys: 1 });
  try {
    await clients.s3.send(command, { abortSignal: signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isNamed(error, "NoSuchBucket")) throw goneError("bucket", place.bucket, place, error);
    const attempt = { action: "s3:ListBucket", resource: `arn:aws:s3:::${place.bucket}` };
    throw awsTrouble(error, { doing: `look into the bucket ${place.bucket}`, ...attempt });
  }
}

export async function checkEcsCluster({ clients, place, signal }: PreflightCheck): Promise<void> {
  try {
    await clients.ecs.send(new ListTasksCommand({ cluster: place.ecsCluster, maxResults: 1 }), { abortSignal: signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isNamed(error, "ClusterNotFoundException")) throw goneError("ECS cluster", place.ecsCluster, place, error);
    const attempt = { action: "ecs:ListTasks", resource: `the cluster ${place.ecsCluster}` };
    throw awsTrouble(error, { doing: `look into the ECS cluster ${place.ecsCluster}`, ...attempt });
  }
}

interface PreflightCheck extends Pick<PreflightContext, "clients" | "signal"> {
  readonly place: Pick<PreflightContext["place"], "bucket" | "description" | "ecsCluster" | "stack">;
}

function goneError(what: string, name: string, place: PreflightCheck["place"], cause: unknown): CloudburstError {
  const remedy =
    place.stack === undefined
      ? "check its name and region"
      : `deploy the stack again: npx cloudburst deploy ${place.stack}`;
  return new CloudburstError(
    "place_missing",
    `the ${what} ${name} of ${place.description} does not exist (${remedy})`,
    {
      cause,
      data: { name },
    },
  );
}

interface QuotaReading {
  readonly known: readonly VcpuQuota[];
  readonly warnings: readonly string[];
}

async function readQuotas(context: PreflightContext): Promise<QuotaReading> {
  const client = await openServiceQuotasClient(context.aws, context.counter);
  try {
    const providers = context.capacity.strategy.map(({ capacityProvider }) => capacityProvider);
    const readings = await Promise.all(providers.map((provider) => readQuota(context, client, provider)));
    return {
      known: readings.flatMap(({ known }) => known),
      warnings: [...new Set(readings.flatMap(({ warnings }) => warnings))],
    };
  } finally {
    client.destroy();
  }
}

/** A quota that cannot be read stops no run: RunTask names it when it is reached. Credentials that fail do. */
async function readQuota(
  { region, aws, signal }: PreflightContext,
  client: Awaited<ReturnType<typeof openServiceQuotasClient>>,
  provider: CapacityProvider,
): Promise<QuotaReading> {
  try {
    const vcpus = await readVcpuQuota(client, provider, signal);
    return { known: vcpus === undefined ? [] : [{ provider, vcpus }], warnings: [] };
  } catch (error) {
    signal.throwIfAborted();
    const doing = "read how many vCPUs this account may run on Fargate";
    const attempt = { action: "servicequotas:GetServiceQuota", resource: quotaArn(provider, region) };
    const trouble = awsTrouble(error, { doing, ...attempt });
    if (isOfCredentials(trouble)) throw trouble;
    return { known: [], warnings: aws.endpoint === undefined ? [trouble.message] : [] }; // few emulators know quotas
  }
}

function isOfCredentials({ code }: CloudburstError): boolean {
  return ["no_credentials", "no_region", "session_expired", "credentials_rejected"].includes(code);
}

/** What is to be told of a quota with room for fewer workers than are wanted. @throws CloudburstError when it has room for none */
function checkQuota({ cpu, workers, region }: PreflightContext, { workers: fitting, bound }: QuotaFit): string[] {
  if (workers <= fitting) return [];
  const { provider, vcpus } = bound;
  const size = `${cpu / 1024} vCPU`;
  const quota = `"${quotaName(provider)}" is ${vcpus} in ${region}`;
  const askForMore = `ask for more: ${quotaPage(provider, region)}`;
  if (fitting > 0) {
    const have = `${fitting} of the ${workers} workers of ${size} fit what this account may run at once`;
    return [`${have}: ${quota}; the run goes on with ${fitting} (${askForMore})`];
  }
  throw new CloudburstError(
    "vcpu_quota",
    `a worker of ${size} is more than this account may run at once: ${quota} (set cpu to ${largestCpu(vcpus)} or less, or ${askForMore})`,
    { data: { workers, maximum: 0, vcpus } },
  );
}

/** In CPU units, of the sizes that Fargate offers. */
function largestCpu(vcpus: number): number {
  return [...fargateMemoriesMiB.keys()].findLast((size) => size <= vcpus * 1024) ?? 256;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
