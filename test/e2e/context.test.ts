/** What workers add to what the executors' contract says of context and log: how it travels, and lost workers. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FargateExecutor, type RunEvent } from "../../src/index.ts";
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
  it("brings a large key to a worker once, not with every chunk", async () => {
    const state = await flows.reading.run({ executor, context: { own: "x".repeat(100_000) } });
    expect(state.result).toEqual(new Array(8).fill(100_000));
    expect(state.report?.requests["s3"]?.["GetObject"]).toBeLessThanOrEqual(3); // bundle, facts, lease
  });

  it("keeps the key when the worker is lost and the call is delivered again", async () => {
    const marker = join(directory, "killed");
    const state = await flows.killedOnce(marker).run({ executor });
    expect(state.result).toBe(readFileSync(marker, "utf8"));
  });
});

describe("signals on a worker", () => {
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
