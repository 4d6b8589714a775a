/** What a body sees of its call on workers: as in this process, and with threads that end it where that must be. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FargateExecutor, LocalExecutor, type RunEvent } from "../../src/index.ts";
import * as flows from "./flows/context.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 1 } });
const directory = mkdtempSync(join(tmpdir(), "cloudburst-context-"));
afterAll(() => rmSync(directory, { recursive: true }));

type LogEvent = Extract<RunEvent, { readonly type: "log" }>;

function lines(): { readonly onEvent: (event: RunEvent) => void; readonly told: LogEvent[] } {
  const told: LogEvent[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type === "log") told.push(event);
  };
  return { told, onEvent };
}

const runsNoted = (file: string): string[] => readFileSync(file, "utf8").trim().split("\n");

describe("context on a worker", () => {
  it("tells what it tells in this process", async () => {
    const options = { parameters: { n: 7 }, context: { own: { at: new Date(5) }, date: "2024-03-01" } };
    const remote = await flows.looking.run({ ...options, executor });
    const local = await flows.looking.run({ ...options, executor: new LocalExecutor() });
    const ofRun = (state: typeof remote) => ({
      ...state.result,
      children: state.result.children.map((child) => ({ ...child, runId: child.runId === state.runId })),
    });
    expect(ofRun(remote)).toEqual(ofRun(local));
    expect(remote.result.children[1]).toEqual({
      x: 6,
      fullName: "look[1]",
      slug: "look-1",
      mapIndex: 1,
      runCount: 1,
      flowName: "looking",
      runId: remote.runId,
      parameters: { n: 7 },
      own: { at: new Date(5) },
      today: "2024-03-01",
      aborted: false,
    });
  });

  it("brings a large key to a worker once, not with every chunk", async () => {
    const state = await flows.reading.run({ executor, context: { own: "x".repeat(100_000) } });
    expect(state.result).toEqual(new Array(8).fill(100_000));
    expect(state.report?.requests["s3"]?.["GetObject"]).toBeLessThanOrEqual(3); // bundle, facts, lease
  });

  it("refuses a key that cannot travel before anything is started", async () => {
    const run = flows.reading.run({ executor, context: { own: () => 1 } });
    await expect(run).rejects.toThrow("context.own cannot travel between driver and worker: it is a function");
  });

  it("refuses a parameter that cannot travel to who asks for it, and to nobody else", async () => {
    const state = await flows.unsendable.run({ executor, parameters: { f: () => 1, n: 3 } });
    expect(state.result[0]).toBe(3);
    expect(state.result[1]).toMatchObject({ code: "unsendable_value" });
  });

  it("counts attempts, of each task of a fused chain its own, and keeps the key", async () => {
    const state = await flows.retrying.run({ executor });
    const [first, second] = state.result as [unknown[], unknown[]];
    expect(first).toEqual([1, expect.any(String), 1, "behind-1"]);
    expect(second).toEqual([3, expect.any(String), 1, "behind-1"]);
    expect(first[1]).not.toBe(second[1]);
  });

  it("keeps the key when the worker is lost and the call is delivered again", async () => {
    const marker = join(directory, "killed");
    const state = await flows.killedOnce(marker).run({ executor });
    expect(state.result).toBe(readFileSync(marker, "utf8"));
  });
});

describe("signals on a worker", () => {
  it("LOOP turns in the slot, SUCCESS is the value in a fused chain", async () => {
    const state = await flows.signalling.run({ executor });
    expect(state.result).toEqual({
      loops: [
        [0, 1],
        [3, 4],
        [50_000, 50_001],
      ],
      early: [11, 21],
    });
  });

  it("others arrive with their own properties", async () => {
    const told: unknown[] = [];
    const spying = new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 1 } });
    const submit = spying.submit.bind(spying);
    spying.submit = async (call) => {
      const outcome = await submit(call);
      if (outcome.kind === "failed") told.push(outcome.error);
      return { kind: "success", value: undefined };
    };
    await flows.unknownSignal.run({ executor: spying });
    expect(told).toEqual([expect.objectContaining({ name: "RETRY", cloudburstSignal: "RETRY", startTimeMs: 0 })]);
  });
});

describe("timeouts on a worker", () => {
  it("end a body that never lets go of its thread, and run no mate again", async () => {
    const file = join(directory, "overdue");
    const state = await flows.overdue(file).run({ executor });
    expect(state.error).toMatchObject({
      name: "TimeoutError",
      code: "timed_out",
      message: "Task timed out during execution.",
    });
    expect(state.result.map((value: unknown) => (value instanceof Error ? value.name : value))).toEqual([
      0,
      1,
      2,
      "TimeoutError",
      4,
      5,
    ]);
    expect(runsNoted(file).sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
  });

  it("end a body that waits, whether it listens to its signal or not", async () => {
    const state = await flows.unhurried.run({ executor });
    expect(state.result).toEqual([
      expect.objectContaining({ code: "timed_out" }),
      expect.objectContaining({ code: "timed_out" }),
    ]);
  });
});

it("a call that ends its thread fails alone, and none of the others runs twice", async () => {
  const file = join(directory, "exiting");
  const state = await flows.exiting(file).run({ executor });
  expect(state.result.slice(0, 4)).toEqual([0, 2, 4, 6]);
  expect(state.result[5]).toBe(10);
  expect(runsNoted(file).sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
});

describe("the log of workers", () => {
  it("comes home with the task's full name, prints included", async () => {
    const { told, onEvent } = lines();
    await flows.speaking.run({ executor, onEvent });
    expect(told.map(({ level, task, line }) => [level, task, line])).toEqual([
      ["info", "speak[0]", "x is 1"],
      ["info", "speak[0]", "printed"],
    ]);
  });

  it("does not flood the queue: what is too much is counted", async () => {
    const { told, onEvent } = lines();
    await flows.flooding.run({ executor, onEvent });
    expect(told).toHaveLength(101);
    expect(told[99]).toMatchObject({ level: "warn", task: "flood", line: "line 99" });
    expect(told[100]?.line).toBe("… 9900 lines left out: the worker's own output has them");
  });

  it("has the last words of a call that ended its thread", async () => {
    const { told, onEvent } = lines();
    await flows.leaving.run({ executor, onEvent });
    expect(told.map(({ line }) => line)).toEqual(["farewell"]);
  });
});
