import { beforeEach, describe, expect, it } from "vitest";
import type { ExecutorEvent } from "../../src/executors/executor.ts";
import { SharedWorkers } from "../../src/executors/shared-workers.ts";
import type { QueueDepth } from "../../src/queue/queue.ts";
import { FakeClock } from "../observe/fake-clock.ts";

const minutes = 60_000;

let clock: FakeClock;
let events: ExecutorEvent[];
let workers: SharedWorkers;
let depth: QueueDepth;
let outstanding: number;
beforeEach(() => {
  clock = new FakeClock();
  events = [];
  depth = { waiting: 12, inFlight: 0, delayed: 0 };
  outstanding = 12;
  workers = new SharedWorkers({ watchMs: 15_000, clock, emit: (event) => events.push(event) });
});

async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 15_000) await clock.advance(15_000);
}

async function whileWatching(act: () => Promise<void>): Promise<string[]> {
  const none = (): never => {
    throw new Error("a driver only counts the shared queue");
  };
  const tasks = { url: "", send: none, receive: none, ack: none, extend: none, depth: () => Promise.resolve(depth) };
  const watching = workers.watch({ tasks, outstanding: () => outstanding });
  await act();
  await workers.stop();
  await watching;
  expect(clock.sleeping).toBe(0);
  return events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
}

describe("the workers of a shared cluster", () => {
  it("are known by what they tell, with their slots", () => {
    workers.joined("a", 2);
    workers.joined("b", 4);
    workers.joined("a", 2);
    expect([workers.count, workers.slots]).toEqual([2, 6]);
    expect(events.map((event) => event.kind)).toEqual(["worker-joined", "worker-joined"]);
    workers.left("a");
    expect([workers.count, workers.slots]).toEqual([2, 4]);
    expect(events.at(-1)).toMatchObject({ kind: "worker-lost", workerId: "a" });
  });

  it("count no more when nothing has been heard of them for an hour", async () => {
    workers.joined("killed", 2);
    workers.joined("there", 2);
    await clock.advance(59 * minutes);
    workers.progressed("there", 0);
    await clock.advance(1 * minutes);
    expect(workers.slots).toBe(2);
  });

  it("are not the run's own: nobody waits for them at its end, and it pays for none", () => {
    workers.joined("a", 2);
    expect([workers.present, workers.lifetimesMs]).toEqual([0, []]);
  });

  it("are used in part: a run's share is the time in its calls by the slots of the worker, also after that has left", () => {
    workers.joined("a", 2);
    workers.progressed("a", 3_000);
    workers.joined("b", 4);
    workers.progressed("b", 2_000);
    workers.left("a");
    workers.progressed("a", 1_000);
    workers.progressed("whose hello is late", 500);
    expect(workers.sharedMs).toBe(1_500 + 500 + 500 + 500);
  });
});

describe("a run that waits for shared workers", () => {
  it("goes on, and says once that nobody takes its chunks", async () => {
    const warnings = await whileWatching(() => pass(30 * minutes));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^12 chunks of this run wait on the shared cluster, and no worker takes any/);
  });

  it("says what the cluster has to say about it, as early as the cluster wants", async () => {
    const patience = { ms: 15_000, nobody: "start one", busy: "add one" };
    workers = new SharedWorkers({ watchMs: 15_000, patience, clock, emit: (event) => events.push(event) });
    expect(await whileWatching(() => pass(1 * minutes))).toEqual([
      expect.stringMatching(/no worker takes any \(start one\)$/),
    ]);
  });

  it("says so again when it has got on meanwhile", async () => {
    const warnings = await whileWatching(async () => {
      await pass(6 * minutes);
      workers.joined("a", 1);
      workers.left("a");
      await pass(6 * minutes);
    });
    expect(warnings).toHaveLength(2);
  });

  it("says when it stands behind other runs", async () => {
    depth = { waiting: 490, inFlight: 8, delayed: 10 };
    const warnings = await whileWatching(() => pass(6 * minutes));
    expect(warnings).toEqual([expect.stringContaining("12 chunks of this run wait on the shared cluster behind 508")]);
  });

  it("is silent while its workers run long calls, and while there is nothing to do", async () => {
    depth = { waiting: 0, inFlight: 2, delayed: 0 };
    workers.joined("a", 2);
    expect(await whileWatching(() => pass(20 * minutes))).toEqual([]);
    workers = new SharedWorkers({ watchMs: 15_000, clock, emit: (event) => events.push(event) });
    depth = { waiting: 0, inFlight: 0, delayed: 0 };
    outstanding = 0;
    expect(await whileWatching(() => pass(20 * minutes))).toEqual([]);
  });
});
