import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stackOutputs } from "../../src/cluster/stack-outputs.ts";
import { FargateExecutor } from "../../src/index.ts";
import { until } from "../embedded/until.ts";
import { firstNames, naps, type Trace } from "./flows/shared-first.ts";
import { secondNames } from "./flows/shared-second.ts";
import { awsOf, labAgent, openSharedLab, type SharedLab } from "./shared-lab.ts";

let lab: SharedLab;
beforeEach(async () => {
  lab = await openSharedLab();
});
afterEach(async () => {
  await lab[Symbol.asyncDispose]();
});

const idle = async (): Promise<boolean> => {
  const { waiting, inFlight } = await lab.depth();
  return waiting + inFlight === 0;
};
const pidsOf = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => name.split(" by ")[1] ?? ""));

describe("two runs on a shared cluster", () => {
  it("share its queue and its workers, and both end with the right results", async () => {
    await lab.startWorkers(2);
    const { executor } = lab;
    const [first, second, traces] = await Promise.all([
      firstNames.run({ parameters: { n: 50 }, executor }),
      secondNames.run({ parameters: { n: 50 }, executor }),
      naps.run({ parameters: { n: 20, ms: 50 }, executor }),
    ]);
    expect(first.result.map((name) => name.split(" by ")[0])).toEqual(
      Array.from({ length: 50 }, (_, i) => `first ${String(i)}`),
    );
    expect(second.result.map((name) => name.split(" by ")[0])).toEqual(
      Array.from({ length: 50 }, (_, i) => `second ${String(i)}`),
    );
    expect(new Set(traces.result.map(({ worker }) => worker)).size).toBe(2);
    expect(traces.report).toMatchObject({ workers: 2, duplicates: 0, workerMs: [] });
    expect(traces.report?.sharedWorkerMs).toBeGreaterThanOrEqual(20 * 50 * 0.9); // naps of one slot each; timers may be a little early
  });

  it("run the code of both flows in one worker, though their tasks have the same name", async () => {
    await lab.startWorkers(1);
    const { executor } = lab;
    const runs = [firstNames, secondNames, firstNames].map(
      (flow) => () => flow.run({ parameters: { n: 5 }, executor }),
    );
    const names: string[] = [];
    for (const run of runs) names.push(...(await run()).result);
    expect(names.map((name) => name.split(" ")[0])).toEqual(
      ["first", "second", "first"].flatMap((flow) => Array.from({ length: 5 }, () => flow)),
    );
    expect(pidsOf(names).size).toBe(1);
  });

  it("leave workers and queue as they were, and nothing of their own", async () => {
    await lab.startWorkers(2);
    await firstNames.run({ parameters: { n: 30 }, executor: lab.executor });
    await until("the shared queue is empty", idle);
    expect(await lab.queueNames()).toEqual(["Cloudburst-shared-tasks"]);
    expect((await lab.describeWorkers()).map(({ lastStatus }) => lastStatus)).toEqual(["RUNNING", "RUNNING"]);
  });

  it("are fair: a short one that starts behind a long one ends long before it", async ({ annotate }) => {
    await lab.startWorkers(2);
    const { executor } = lab;
    const long = naps.run({ parameters: { n: 200, ms: 100 }, executor });
    await until("the long run fills its window", async () => (await lab.depth()).waiting >= 10);
    const short = await naps.run({ parameters: { n: 10, ms: 100 }, executor });
    const behind = await lab.depth();
    const { result } = await long;
    await annotate(
      `short run of 10 calls ${String(Math.round(short.elapsedMs))} ms (alone 500 ms at best), long run of 200 calls ` +
        `${String(Math.round(spanMs(result)))} ms (alone 10000 ms at best); messages of the long one behind: ${String(behind.waiting)}`,
    );
    expect(behind.waiting).toBeGreaterThan(0);
    const shortEnd = Math.max(...short.result.map(({ endedAt }) => endedAt));
    expect(result.filter(({ startedAt }) => startedAt > shortEnd).length).toBeGreaterThan(100);
  }, 60_000);
});

const spanMs = (traces: readonly Trace[]): number =>
  Math.max(...traces.map(({ endedAt }) => endedAt)) - Math.min(...traces.map(({ startedAt }) => startedAt));

describe("a run that is cancelled", () => {
  it("frees its slots, and its messages are dropped, so that others go on", async () => {
    await lab.startWorkers(2);
    const { executor } = lab;
    const controller = new AbortController();
    const minutes = naps.run({ parameters: { n: 60, ms: 600_000 }, executor, signal: controller.signal });
    await until("both workers are busy and chunks wait", async () => {
      const { waiting, inFlight } = await lab.depth();
      return inFlight === 2 && waiting >= 10;
    });
    controller.abort();
    expect((await minutes).kind).toBe("Cancelled");
    const short = await firstNames.run({ parameters: { n: 5 }, executor });
    expect(short.kind).toBe("Success");
    await until("the shared queue is empty", idle);
    expect(lab.said.filter((line) => line.includes("chunk dropped")).length).toBeGreaterThanOrEqual(12);
    expect((await lab.describeWorkers()).map(({ lastStatus }) => lastStatus)).toEqual(["RUNNING", "RUNNING"]);
  }, 60_000);
});

describe("a shared worker", () => {
  it("starts without a run and leaves with exit code 0 when it is told to", async () => {
    const [arn = ""] = await lab.startWorkers(1);
    const { containers } = await lab.stopWorker(arn);
    expect(containers?.[0]?.exitCode).toBe(0);
  });

  it("finishes what it has in hand before it leaves, says bye, and others do the rest", async () => {
    const [leaving = ""] = await lab.startWorkers(2);
    const events: string[] = [];
    const running = naps.run({
      parameters: { n: 40, ms: 200 },
      executor: lab.executor,
      onEvent: (event) => {
        if (event.type === "executor") events.push(event.event.kind);
      },
    });
    await until("both workers have joined", () => events.filter((kind) => kind === "worker-joined").length === 2);
    const { containers } = await lab.stopWorker(leaving);
    const { result, report } = await running;
    expect(containers?.[0]?.exitCode).toBe(0);
    expect(result).toHaveLength(40);
    expect(report?.duplicates).toBe(0);
    expect(events).toContain("worker-lost");
  }, 60_000);
});

describe("an address", () => {
  it("of a stack that does not exist is refused with the command that makes it", async () => {
    const executor = new FargateExecutor({ address: "fargate://Nowhere", ...awsOf(lab.cloud) });
    await expect(firstNames.run({ parameters: { n: 1 }, executor })).rejects.toMatchObject({
      code: "no_stack",
      message: expect.stringContaining("npx cloudburst deploy") as unknown,
    });
  });
});

it("a run's own queue is encrypted with the stack's key, and what the driver writes as well", async () => {
  const key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const made: unknown[] = [];
  const written = new Set<unknown>();
  await using other = await openSharedLab({
    outputs: { [stackOutputs.kmsKeyArn]: key },
    onRequest: ({ operation, request, accessKeyId }) => {
      if (request.headers["user-agent"]?.includes(labAgent) === true) return;
      if (accessKeyId !== other.cloud.credentials.accessKeyId) return; // workers leave it to the bucket
      if (operation === "CreateQueue") made.push(JSON.parse(request.body.toString()));
      if (operation === "PutObject") written.add(request.headers["x-amz-server-side-encryption-aws-kms-key-id"]);
    },
  });
  await other.startWorkers(1);
  await firstNames.run({ parameters: { n: 5 }, executor: other.executor });
  expect(made).toMatchObject([{ Attributes: { KmsMasterKeyId: key } }]);
  expect([...written]).toEqual([key]);
});
