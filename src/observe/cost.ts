/** What a run would have cost on Fargate, told from what it used. */

import { hourlyUsd, type PriceTable, US_EAST_1_PRICES } from "../base/prices.ts";
import type { ClusterReport, FleetProfile } from "../executors/executor.ts";
import { formatCount, formatQuantity } from "./human-units.ts";

/** What each worker runs on. */
export interface WorkerSize {
  readonly vcpu: number;
  readonly memoryGb: number;
  readonly architecture: "x86" | "arm64";
  /** Fargate Spot instead of on-demand. @default false */
  readonly spot?: boolean | undefined;
  /** Each worker has a public address of its own, as in a subnet without a NAT gateway. */
  readonly publicIpv4: boolean;
}

export type CostedService = "Fargate" | "IPv4" | "SQS" | "S3";

export interface CostItem {
  readonly service: CostedService;
  /** What is paid for, in words. */
  readonly basis: string;
  readonly usd: number;
}

export interface CostEstimate {
  readonly items: readonly CostItem[];
  readonly totalUsd: number;
  readonly prices: Pick<PriceTable, "asOf" | "region" | "source" | "remark">;
}

type OperationCounts = Readonly<Record<string, number>>;

/** Not billed. Amazon's price page: "DELETE and CANCEL requests are free". */
const S3_FREE = new Set(["DeleteObject", "DeleteObjects", "DeleteBucket", "AbortMultipartUpload"]);
/** The dearer of the two classes of S3's price page: PUT, COPY, POST and LIST. */
const S3_WRITES_AND_LISTS = /^(Put|Copy|Post|List|Create|Upload|Complete)/u;

/**
 * Sum of four items; ECS requests and traffic within the region are free. What is left out, being nothing for results
 * that fit into the free tier: traffic to the driver, storage for the minutes of a run, and logs.
 *
 * Of shared workers a run is told its share by the time in its calls, without minimum and waiting.
 *
 * @param size of each worker that `report.workerMs` or `report.sharedWorkerMs` tells of
 */
export function priceRun(report: ClusterReport, size: WorkerSize, prices: PriceTable): CostEstimate {
  const seconds = secondsOf(report, prices);
  const items = [
    priceCompute(report, seconds, size, prices),
    ...(size.publicIpv4 ? [priceAddresses(seconds, prices)] : []),
    priceSqs(countsOf(report, "sqs"), prices),
    priceS3(countsOf(report, "s3"), prices),
  ];
  return {
    items,
    totalUsd: items.reduce((sum, item) => sum + item.usd, 0),
    prices: { asOf: prices.asOf, region: prices.region, source: prices.source, remark: prices.remark },
  };
}

/** The same of a run as its executor described it: where the cluster knows its region, by that region's prices. */
export function priceFleet(report: ClusterReport, fleet: FleetProfile): CostEstimate {
  const { worker, spot, prices = US_EAST_1_PRICES } = fleet;
  return priceRun(report, { ...worker, spot }, report.prices ?? prices);
}

/** Whose prices they are, in words. */
export function formatPrices({ region, asOf, remark }: CostEstimate["prices"]): string {
  return `list prices in ${region} on ${asOf}, ${remark === undefined ? "" : `${remark}; `}without free tier`;
}

/**
 * Fargate bills each task by the second, from the pull of its image to its end, for a minute at least
 * (https://aws.amazon.com/fargate/pricing/).
 */
export function billedSeconds(workerMs: readonly number[], prices: PriceTable): number {
  const { minimumSeconds } = prices.fargate;
  return workerMs.reduce((sum, ms) => sum + Math.max(minimumSeconds, Math.ceil(ms / 1000)), 0);
}

function secondsOf({ workerMs, sharedWorkerMs }: ClusterReport, prices: PriceTable): number {
  return sharedWorkerMs === undefined ? billedSeconds(workerMs, prices) : Math.ceil(sharedWorkerMs / 1000);
}

/** seconds / 3600 x (vCPU x price + GB x price); the 20 GB of disk that a task has are included. */
function priceCompute(report: ClusterReport, seconds: number, size: WorkerSize, prices: PriceTable): CostItem {
  const perHour = hourlyUsd({ ...size, publicIpv4: false }, size.spot === true, prices);
  const kind = `${size.vcpu} vCPU / ${size.memoryGb} GB ${size.architecture}${size.spot === true ? " Spot" : ""}`;
  const time = `${formatCount(seconds)} s`;
  return {
    service: "Fargate",
    basis:
      report.sharedWorkerMs === undefined
        ? `${report.workerMs.length} x ${kind}, ${time} billed`
        : `estimate: ${time} of shared workers of ${kind}, by busy time`,
    usd: (seconds / 3600) * perHour,
  };
}

/**
 * Billed like the task that holds the address: whether Amazon rounds it up further is not told
 * (https://aws.amazon.com/vpc/pricing/).
 */
function priceAddresses(seconds: number, prices: PriceTable): CostItem {
  return {
    service: "IPv4",
    basis: `${formatCount(seconds)} s of public addresses`,
    usd: (seconds / 3600) * prices.publicIpv4Hour,
  };
}

/** Every call is a request, empty receives too; messages stay below the 64 KiB that are billed as one. */
function priceSqs(counts: OperationCounts, prices: PriceTable): CostItem {
  const requests = sum(Object.values(counts));
  return { service: "SQS", basis: formatQuantity(requests, "request"), usd: requests * prices.sqsRequest };
}

/** Two classes of requests, and free ones (https://aws.amazon.com/s3/pricing/). */
function priceS3(counts: OperationCounts, prices: PriceTable): CostItem {
  const operations = Object.entries(counts).filter(([operation]) => !S3_FREE.has(operation));
  const total = sum(operations.map(([, count]) => count));
  const dear = sum(operations.filter(([name]) => S3_WRITES_AND_LISTS.test(name)).map(([, count]) => count));
  return {
    service: "S3",
    basis: `${formatCount(dear)} PUT, POST and LIST, ${formatCount(total - dear)} GET and HEAD`,
    usd: dear * prices.s3.putCopyPostList + (total - dear) * prices.s3.getAndOther,
  };
}

/** Services are found whatever their case: `SQS`, `sqs`. */
function countsOf(report: ClusterReport, service: string): OperationCounts {
  const found = Object.entries(report.requests).find(([name]) => name.toLowerCase() === service);
  return found?.[1] ?? {};
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
