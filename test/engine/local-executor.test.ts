import { describe, expect, it } from "vitest";
import type { Call } from "../../src/executors/executor.ts";
import { JobQueue } from "../../src/executors/job-queue.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { plainFacts } from "../support/run-facts.ts";
import { each, runGraph, testDeps, TestGraph } from "./support/test-graph.ts";

/** A graph whose bodies note when they run. */
function noted(): {
  readonly graph: TestGraph;
  readonly order: string[];
  note: (name: string) => (x?: number) => unknown;
} {
  const order: string[] = [];
  const note = (name: string) => (x?: number) => {
    order.push(x === undefined ? name : `${name} ${String(x)}`);
    return x ?? [1, 2];
  };
  return { graph: new TestGraph(), order, note };
}

describe("LocalExecutor", () => {
  it("runs tasks in the order in which they were created, whatever becomes ready first", async () => {
    const { graph, order, note } = noted();
    const a = graph.task("a", note("a"));
    const b = graph.task("b", note("b"), [], { after: [a] });
    const c = graph.map("c", note("c"), [each([1, 2])]);
    const d = graph.task("d", note("d"));
    const e = graph.map("e", note("e"), [each(a)]);
    await graph.run([b, c, d, e]);
    expect(order).toEqual(["a", "b", "c 1", "c 2", "d", "e 1", "e 2"]);
  });

  it("runs one call at a time", async () => {
    let running = 0;
    let most = 0;
    const graph = new TestGraph();
    const slow = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await graph.run([graph.task("a", slow), graph.task("b", slow), graph.map("c", slow, [each([1, 2, 3])])]);
    expect(most).toBe(1);
  });

  it("lets the event loop have its turn during a long map", async () => {
    let now = 0;
    const clock = { now: () => (now += 1), sleep: () => Promise.resolve() };
    let timer = 0;
    const graph = new TestGraph();
    const mapped = graph.map(
      "mapped",
      (x: number) => {
        if (x === 0) setImmediate(() => (timer = -1));
        else if (timer === -1) timer = x;
        return x;
      },
      [each(Array.from({ length: 1000 }, (_, i) => i))],
    );
    await graph.run(mapped, { executor: new LocalExecutor({ clock }) });
    expect(timer).toBeGreaterThan(0);
    expect(timer).toBeLessThan(20);
  });

  it("settles failures and successes of bodies with and without promises", async () => {
    const graph = new TestGraph();
    const mapped = graph.map(
      "mapped",
      (x: number) => {
        if (x === 1) throw new Error("sync");
        if (x === 2) return Promise.reject(new Error("async"));
        return x === 3 ? Promise.resolve("later") : "now";
      },
      [each([0, 1, 2, 3])],
    );
    expect((await graph.run(mapped)).result).toEqual(["now", new Error("sync"), new Error("async"), "later"]);
  });

  it("refuses calls of a run that it was not started for", async () => {
    const call: Call = {
      runId: "r",
      attempt: 0,
      step: {
        task: { name: "t", run: () => 1, definedIn: undefined },
        slug: "t-1",
        order: 0,
        inputs: [],
        wantsLengths: false,
      },
      run: () => Promise.resolve({ kind: "success", value: 1 }),
    };
    const executor = new LocalExecutor();
    await expect(executor.submit(call)).rejects.toThrow("This executor has not been started.");
    const range = { start: 0, end: 1 };
    const batch = { runId: "r", attempt: 0, steps: [call.step] as const, range, run: call.run };
    await expect(executor.map(batch, () => undefined)).rejects.toThrow("This executor has not been started.");
  });

  it("serves several runs at once, and runs one after another", async () => {
    const executor = new LocalExecutor();
    const { graph } = noted();
    const list = graph.map("list", (x: number) => x + 1, [each([1, 2])]);
    const clocks = [1, 2, 3].map((now) => ({ now: () => now, sleep: () => Promise.resolve() }));
    const states = await Promise.all(
      clocks.map((clock) => runGraph(graph.graph(list), { executor }, { ...testDeps, clock })),
    );
    expect(states.map(({ result }) => result)).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    expect((await graph.run(list, { executor })).result).toEqual([2, 3]);
  });

  it("gives up what is left when its run is disposed of", async () => {
    const executor = new LocalExecutor();
    const { signal } = new AbortController();
    const run = await executor.start({
      runId: "r",
      flowName: "f",
      definedIn: undefined,
      startedAtMs: 0,
      outline: {},
      tasks: [],
      signal,
      facts: plainFacts,
      log: () => undefined,
      emit: () => undefined,
    });
    const step = {
      task: { name: "t", run: () => 1, definedIn: undefined },
      slug: "t-1",
      order: 0,
      inputs: [],
      wantsLengths: false,
    };
    const outcome = executor.submit({
      runId: "r",
      attempt: 0,
      step,
      run: () => Promise.resolve({ kind: "success", value: 1 }),
    });
    await run[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject({ kind: "failed", error: { code: "run_ended" } });
  });
});

describe("JobQueue", () => {
  it("gives the earliest step first, and within it the lowest call", () => {
    const queue = new JobQueue();
    const orders = Array.from({ length: 200 }, (_, at) => (at * 7919) % 101);
    for (const [start, order] of orders.entries())
      queue.add({ order, start, run: () => Promise.resolve(), drop: () => undefined });
    const taken: (readonly [number, number])[] = [];
    for (let job = queue.take(); job !== undefined; job = queue.take()) taken.push([job.order, job.start]);
    const expected = orders.map((order, start) => [order, start] as const).sort(([a, x], [b, y]) => a - b || x - y);
    expect(taken).toEqual(expected);
  });
});
