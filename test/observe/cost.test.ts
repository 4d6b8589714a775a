import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClusterReport } from "../../src/executors/executor.ts";
import {
  billedSeconds,
  formatPrices,
  priceFleet,
  priceRun,
  type CostEstimate,
  type WorkerSize,
} from "../../src/observe/cost.ts";
import { pricesIn, US_EAST_1_PRICES } from "../../src/base/prices.ts";

const ARM: WorkerSize = { vcpu: 1, memoryGb: 2, architecture: "arm64", publicIpv4: true };

function report(used: Partial<ClusterReport>): ClusterReport {
  return {
    cluster: "test",
    workers: 0,
    slots: 0,
    chunks: 0,
    duplicates: 0,
    busyMs: 0,
    requests: {},
    workerMs: [],
    ...used,
  };
}

function usd(estimate: CostEstimate): Readonly<Record<string, number>> {
  return Object.fromEntries(estimate.items.map((item) => [item.service, item.usd]));
}

test("a worker of twelve seconds is billed a minute, a longer one each second that began", () => {
  expect(billedSeconds([12_000], US_EAST_1_PRICES)).toBe(60);
  expect(billedSeconds([60_001], US_EAST_1_PRICES)).toBe(61);
  expect(billedSeconds([12_000, 90_400], US_EAST_1_PRICES)).toBe(60 + 91);
  expect(billedSeconds([], US_EAST_1_PRICES)).toBe(0);
});

test("compute and addresses cost what the price page says for the seconds billed", () => {
  const estimate = priceRun(report({ workerMs: [12_000, 90_400] }), ARM, US_EAST_1_PRICES);
  // 151 s x (1 x 0.03238 + 2 x 0.00356) / 3600 and 151 s x 0.005 / 3600
  expect(usd(estimate)["Fargate"]).toBeCloseTo(0.00165681, 8);
  expect(usd(estimate)["IPv4"]).toBeCloseTo(0.00020972, 8);
  expect(estimate.totalUsd).toBeCloseTo(0.00186653, 8);
});

test("an hour of 4 vCPU and 8 GB costs the sum that Amazon lists, and Spot about a third of it", () => {
  const hour = report({ workerMs: [3_600_000] });
  const x86: WorkerSize = { vcpu: 4, memoryGb: 8, architecture: "x86", publicIpv4: false };
  expect(usd(priceRun(hour, x86, US_EAST_1_PRICES))).toMatchObject({ Fargate: expect.closeTo(0.19748, 5) as number });
  const spot = priceRun(hour, { ...x86, spot: true }, US_EAST_1_PRICES);
  expect(spot.totalUsd).toBeCloseTo(0.069118, 6);
  expect(usd(spot)).not.toHaveProperty("IPv4");
});

test("of shared workers a run is told its share of the time, named as an estimate and without a minimum", () => {
  const estimate = priceRun(report({ workers: 2, sharedWorkerMs: 11_500 }), ARM, US_EAST_1_PRICES);
  // 12 s x (1 x 0.03238 + 2 x 0.00356) / 3600 and 12 s x 0.005 / 3600
  expect(usd(estimate)).toMatchObject({
    Fargate: expect.closeTo(0.00013167, 8) as number,
    IPv4: expect.closeTo(0.00001667, 8) as number,
  });
  expect(estimate.items[0]?.basis).toBe("estimate: 12 s of shared workers of 1 vCPU / 2 GB arm64, by busy time");
});

test("every SQS request costs the same, empty receives included", () => {
  const requests = { SQS: { ReceiveMessage: 100, SendMessageBatch: 40, DeleteMessageBatch: 3 } };
  expect(usd(priceRun(report({ requests }), ARM, US_EAST_1_PRICES))["SQS"]).toBeCloseTo(143 * 0.0000004, 12);
});

test("S3 requests cost by their class: writes and lists, reads, and deletes for nothing", () => {
  const requests = {
    s3: {
      ...{ PutObject: 10, ListObjectsV2: 2, CreateBucket: 1, CopyObject: 1 },
      ...{ CreateMultipartUpload: 1, UploadPart: 4, CompleteMultipartUpload: 1 },
      ...{ GetObject: 5, HeadObject: 1, HeadBucket: 1 },
      ...{ DeleteObject: 9, DeleteObjects: 3, AbortMultipartUpload: 1 },
    },
  };
  const estimate = priceRun(report({ requests }), ARM, US_EAST_1_PRICES);
  expect(usd(estimate)["S3"]).toBeCloseTo(20 * 0.000005 + 7 * 0.0000004, 12);
  expect(estimate.items.find((item) => item.service === "S3")?.basis).toBe("20 PUT, POST and LIST, 7 GET and HEAD");
});

test("ECS requests cost nothing", () => {
  expect(priceRun(report({ requests: { ECS: { RunTask: 1000 } } }), ARM, US_EAST_1_PRICES).totalUsd).toBe(0);
});

test("the estimate says whose prices it took and of which day", () => {
  const { asOf, region } = priceRun(report({}), ARM, US_EAST_1_PRICES).prices;
  expect({ asOf, region }).toEqual({ asOf: "2026-08-16", region: "us-east-1" });
});

test("the items add up to the total, and one more worker never makes a run cheaper", () => {
  const lifetimes = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(lifetimes, fc.integer({ min: 0, max: 10_000_000 }), (workerMs, more) => {
      const estimate = priceRun(report({ workerMs }), ARM, US_EAST_1_PRICES);
      const items = estimate.items.reduce((sum, item) => sum + item.usd, 0);
      expect(items).toBeCloseTo(estimate.totalUsd, 9);
      const larger = priceRun(report({ workerMs: [...workerMs, more] }), ARM, US_EAST_1_PRICES);
      expect(larger.totalUsd).toBeGreaterThan(estimate.totalUsd);
    }),
  );
});

test("a run whose cluster knows its region is priced by that one's prices, whatever its options could tell", () => {
  const fleet = {
    ...{ minimum: 1, maximum: 1, slotsPerWorker: 1, targetDurationMs: 5_000, intervalMs: 1_000, waitCount: 3 },
    ...{ spot: false, fallBack: true, assumed: [], worker: { ...ARM }, usdPerHour: { spot: 0, "on-demand": 0 } },
    prices: pricesIn("sa-east-1"),
  };
  const hour = report({ workerMs: [3_600_000] });
  expect(usd(priceFleet(hour, fleet))["Fargate"]).toBeCloseTo(0.0395, 6);
  const told = priceFleet({ ...hour, prices: pricesIn("eu-central-1") }, fleet);
  expect(usd(told)["Fargate"]).toBeCloseTo(0.04543, 6);
  expect(formatPrices(told.prices)).toBe("list prices in eu-central-1 on 2026-10-09, without free tier");
  expect(formatPrices(priceFleet(hour, fleet).prices)).toBe(
    "list prices in us-east-1 on 2026-08-16, since those of sa-east-1 are not in the table: give them as `prices`; without free tier",
  );
});
