/** How many vCPUs an account may run at once on Fargate: 6 on its first day, and that is less than most bursts want. */
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { CapacityPlan, CapacityProvider } from "../capacity-plan.ts";

/** Codes and names that AWS gave to the two limits. */
const quotas: Readonly<Record<CapacityProvider, { readonly code: string; readonly name: string }>> = {
  FARGATE: { code: "L-3032A538", name: "Fargate On-Demand vCPU resource count" },
  FARGATE_SPOT: { code: "L-36FBB829", name: "Fargate Spot vCPU resource count" },
};

export interface VcpuQuota {
  readonly provider: CapacityProvider;
  readonly vcpus: number;
}

export function quotaName(provider: CapacityProvider): string {
  return quotas[provider].name;
}

export function quotaArn(provider: CapacityProvider, region: string): string {
  return `arn:aws:servicequotas:${region}:*:fargate/${quotas[provider].code}`;
}

/** The page of the console where more can be asked for. */
export function quotaPage(provider: CapacityProvider, region: string): string {
  return `https://${region}.console.aws.amazon.com/servicequotas/home/services/fargate/quotas/${quotas[provider].code}`;
}

/** Undefined when the service knows no such quota. */
export async function readVcpuQuota(
  client: ServiceQuotasClient,
  provider: CapacityProvider,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const { GetServiceQuotaCommand } = await import("@aws-sdk/client-service-quotas");
  const command = new GetServiceQuotaCommand({ ServiceCode: "fargate", QuotaCode: quotas[provider].code });
  const reply = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return reply.Quota?.Value;
}

/** The most workers that the quotas allow at once, and the quota that sets the bound. */
export interface QuotaFit {
  readonly workers: number;
  readonly bound: VcpuQuota;
}

/** Undefined when no quota is known that bounds what the workers run on. */
export function workersThatFit(
  known: readonly VcpuQuota[],
  { strategy }: CapacityPlan,
  cpu: number,
): QuotaFit | undefined {
  const weights = strategy.reduce((sum, { weight }) => sum + weight, 0);
  const bounds = strategy.flatMap(({ capacityProvider, weight }) => {
    const bound = known.find(({ provider }) => provider === capacityProvider);
    if (bound === undefined || weight === 0) return [];
    const inThisOne = Math.floor((bound.vcpus * 1024) / cpu);
    return [{ workers: Math.floor((inThisOne * weights) / weight), bound }];
  });
  return bounds.sort((a, b) => a.workers - b.workers)[0];
}
