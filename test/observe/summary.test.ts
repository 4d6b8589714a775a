import { expect, test } from "vitest";
import type { ClusterReport } from "../../src/executors/executor.ts";
import { priceRun } from "../../src/observe/cost.ts";
import { US_EAST_1_PRICES } from "../../src/base/prices.ts";
import { formatSummary } from "../../src/observe/summary.ts";

const REPORT: ClusterReport = {
  cluster: "embedded cloud at http://127.0.0.1:4566",
  workers: 2,
  slots: 2,
  chunks: 61,
  duplicates: 1,
  busyMs: 23_100,
  requests: { sqs: { ReceiveMessage: 40, SendMessageBatch: 1234 }, s3: { PutObject: 61 } },
  workerMs: [12_000, 12_500],
};

test("a summary says in aligned lines what was run, where, how well it scaled, and what it would have cost", () => {
  const run = { flowName: "remotest", kind: "Success", elapsedMs: 12_000, successful: 404, failed: 0, report: REPORT };
  const size = { vcpu: 1, memoryGb: 2, architecture: "arm64", publicIpv4: true } as const;
  expect(`\n${formatSummary(run, priceRun(REPORT, size, US_EAST_1_PRICES))}\n`).toBe(`
  flow        remotest: Success in 12.0 s
  calls       404 in 61 chunks (1 delivered twice)
  cluster     embedded cloud at http://127.0.0.1:4566: 2 workers with 2 slots in all
  work        23.1 s of calls in 12.0 s: 1.93 x one slot
  requests    1,335 to AWS services
              SQS 1,274: SendMessageBatch 1,234, ReceiveMessage 40
              S3 61: PutObject 61
  on Fargate  $0.00230 (list prices in us-east-1 on 2026-08-16, without free tier)
              Fargate  $0.00132  2 x 1 vCPU / 2 GB arm64, 120 s billed
              IPv4     $0.00017  120 s of public addresses
              SQS      $0.00051  1,274 requests
              S3       $0.00031  61 PUT, POST and LIST, 0 GET and HEAD
`);
});

test("a run in this process has neither cluster nor cost, and its failures are told", () => {
  const run = { flowName: "x", kind: "Failed", elapsedMs: 80, successful: 2, failed: 1, report: undefined };
  expect(formatSummary(run)).toBe("  flow   x: Failed in 80 ms\n  calls  3, 1 of them failed");
});
