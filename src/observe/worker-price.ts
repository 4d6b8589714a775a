/** What an hour of one worker costs. */
import type { WorkerSize } from "./cost.ts";
import type { PriceTable } from "./prices.ts";

/** US dollars: vCPUs, memory and address, on demand or on Spot as the size says. */
export function workerUsdPerHour(size: WorkerSize, prices: PriceTable): number {
  const { vcpuHour, gbHour } = prices.fargate[size.architecture];
  const share = size.spot === true ? 1 - prices.fargate.spotDiscount : 1;
  return (size.vcpu * vcpuHour + size.memoryGb * gbHour) * share + (size.publicIpv4 ? prices.publicIpv4Hour : 0);
}
