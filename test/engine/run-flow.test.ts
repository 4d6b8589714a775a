import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CloudburstError, InvalidOptionError } from "../../src/base/errors.ts";
import type { Executor, ExecutorRun, RunContext } from "../../src/executors/executor.ts";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { context as callContext } from "../../src/flow/context.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { each, runGraph, testDeps, TestGraph } from "./support/test-graph.ts";

/** What happens instead, or before, when the executor is asked for something. */
type Broken = Partial<Record<"start" | "submit" | "map" | "wait" | "dispose", () => void>>;

/** An executor that can be told to break, and that tells what was done to it. */
class Watched implements Executor {
  readonly seen: string[] = [];
  readonly #local = new LocalExecutor();
  readonly #broken: Broken;

  constructor(broken: Broken = {}) {
    this.#broken = broken;
  }

  async start(context: RunContext): Promise<ExecutorRun> {
    this.#note("start");
    const run = await this.#local.start(context);
    return {
      report: undefined,
      [Symbol.asyncDispose]: async () => {
        await run[Symbol.asyncDispose]();
        this.#note("dispose");
      },
    };
  }

  submit: Executor["submit"] = async (call) => {
    this.#note("submit");
    return await this.#local.submit(call);
  };

  map: Executor["map"] = async (batch, settle) => {
    this.#note("map");
    await this.#local.map(batch, settle);
  };

  wait: Executor["wait"] = async (values) => {
    this.#note("wait");
    return await this.#local.wait(values);
  };

  #note(what: keyof Broken): void {
    this.seen.push(what);
    this.#broken[what]?.();
  }
}

const broken = (): never => {
  throw new CloudburstError("broken", "the cluster is gone");
};

function sample(): { readonly graph: TestGraph; readonly total: { readonly node: number } } {
  const graph = new TestGraph();
  const n = graph.parameter("n");
  const list = graph.task("list", (of: number) => Array.from({ length: of }, (_, i) => i), [n]);
  const doubled = graph.map("doubled", (x: number) => x * 2, [each(list)]);
  const total = graph.task("total", (xs: number[]) => xs.reduce((a, b) => a + b, 0), [doubled]);
  return { graph, total };
}

describe("a run", () => {
  it("gives parameters to the tasks and tells when it was and under which id", async () => {
    const { graph, total } = sample();
    let ran = false;
    const after = graph.task("after", () => (ran = true), [], { after: [total] });
    const clock = { now: () => 1_700_000_000_250 + (ran ? 250 : 0), sleep: testDeps.clock.sleep };
    const state = await runGraph(graph.graph(total, [after]), { parameters: { n: 5 } }, { ...testDeps, clock });
    expect(state).toMatchObject({ result: 20, parameters: { n: 5 }, elapsedMs: 250, report: undefined });
    expect(state.startedAt).toEqual(new Date(1_700_000_000_250));
    expect(state.runId).toMatch(/^[0-9a-z]{26}$/);
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Success", result: 5 });
  });

  it("takes the executor of the run before that of the flow before the default", async () => {
    const { graph, total } = sample();
    const [ofRun, ofFlow, ofAll] = [new Watched(), new Watched(), new Watched()];
    const flow = { ...definition(graph, total), executor: ofFlow };
    const parameters = { n: 1 };
    const run = createFlowRunner({ ...testDeps, defaultExecutor: () => ofAll });
    await run(flow, { parameters, executor: ofRun });
    expect([ofRun, ofFlow, ofAll].map(({ seen }) => seen.length > 0)).toEqual([true, false, false]);
    await run(flow, { parameters });
    expect([ofFlow, ofAll].map(({ seen }) => seen.length > 0)).toEqual([true, false]);
    await run({ ...flow, executor: undefined }, { parameters });
    expect(ofAll.seen).toEqual(["start", "submit", "map", "submit", "dispose"]);
  });

  it("refuses wrong options and parameters before the executor is started", async () => {
    const { graph, total } = sample();
    const executor = new Watched();
    const wrong: readonly (readonly [object, string])[] = [
      [{ parameters: {} }, "Flow.run did not receive the following required parameters: n"],
      [{ parameters: { n: 1, q: 2 } }, "Flow.run received the following unexpected parameters: q"],
      [{ parameters: { n: 1 }, fetch: "some" }, 'fetch must be "returned" or "all", got \'some\''],
      [{ parameters: { n: 1 }, signal: {} }, "signal must be an AbortSignal, got {}"],
      [{ parameters: { n: 1 }, onEvent: 5 }, "onEvent must be a function, got 5"],
    ];
    for (const [options, message] of wrong) {
      const run = graph.run(total, { executor, ...options });
      await expect(run).rejects.toThrow(InvalidOptionError);
      await expect(run).rejects.toThrow(message);
    }
    expect(executor.seen).toEqual([]);
  });

  it.each([
    [{ start: broken, submit: broken }, "it lacks map, wait"],
    [LocalExecutor, "did you mean `new LocalExecutor()`?"],
    ["LocalExecutor", "executor must be an object with start, submit, map and wait, got 'LocalExecutor'"],
  ])("refuses %s as an executor", async (executor, message) => {
    const { graph, total } = sample();
    const run = graph.run(total, { parameters: { n: 1 }, executor: executor as unknown as Executor });
    await expect(run).rejects.toThrow(message);
  });

  it("rejects with the executor's error when that cannot start", async () => {
    const { graph, total } = sample();
    const executor = new Watched({ start: broken });
    await expect(graph.run(total, { parameters: { n: 1 }, executor })).rejects.toThrow("the cluster is gone");
    expect(executor.seen).toEqual(["start"]);
  });

  it("fails the calls for which the executor breaks, keeps the map of states, and disposes", async () => {
    for (const [where, kinds] of [
      ["submit", ["Success", "Failed", "Failed", "TriggerFailed"]],
      ["map", ["Success", "Success", "Mapped", "TriggerFailed"]],
    ] as const) {
      const { graph, total } = sample();
      const executor = new Watched({ [where]: broken });
      const state = await graph.run(total, { parameters: { n: 2 }, executor });
      expect(state).toMatchObject({ kind: "Failed", error: { code: "broken" } });
      expect(graph.nodes.map((_, node) => state.of({ node }).kind)).toEqual(kinds);
      expect(executor.seen.at(-1)).toBe("dispose");
    }
  });

  it("says of calls that their executor broke", async () => {
    const { graph, total } = sample();
    const state = await graph.run(total, { parameters: { n: 2 }, executor: new Watched({ map: broken }) });
    const mapped = state.of({ node: 2 });
    expect(mapped.kind === "Mapped" && mapped.mapStates.at(0)).toMatchObject({
      kind: "Failed",
      message: "Unexpected error: CloudburstError: the cluster is gone",
    });
  });

  it("goes on with what does not need the broken calls", async () => {
    const graph = new TestGraph();
    const mapped = graph.map("mapped", (x: number) => x, [each([1])]);
    const plain = graph.task("plain", () => "fine");
    const state = await graph.run([mapped, plain], { executor: new Watched({ map: broken }) });
    expect(state.of(plain)).toMatchObject({ kind: "Success", result: "fine" });
  });

  it("fails calls that an executor forgets to settle", async () => {
    const { graph, total } = sample();
    const executor = new CustomExecutor(2);
    executor.map = async () => {
      await Promise.resolve();
    };
    const state = await graph.run(total, { parameters: { n: 3 }, executor });
    expect(state.error?.message).toBe(
      'the executor ended map() of task "doubled" without settling all of its calls 0 to 2',
    );
  });

  it("ignores a call that is settled twice", async () => {
    const { graph, total } = sample();
    const executor = new LocalExecutor();
    const map = executor.map.bind(executor);
    executor.map = async (batch, settle) => {
      await map(batch, (settled) => {
        settle(settled);
        settle({ ...settled, values: [7, 7, 7] });
      });
    };
    expect((await graph.run(total, { parameters: { n: 3 }, executor })).result).toBe(6);
  });

  it("keeps its result when the cleaning up fails, and tells", async () => {
    const { graph, total } = sample();
    const events: RunEvent[] = [];
    const state = await graph.run(total, {
      parameters: { n: 3 },
      executor: new Watched({ dispose: broken }),
      onEvent: (event) => events.push(event),
    });
    expect(state).toMatchObject({ kind: "Success", result: 6 });
    const message = "the executor could not clean up: the cluster is gone";
    expect(events).toContainEqual({ type: "executor", event: { kind: "warning", message } });
  });

  it("passes the executor's report on, once it was disposed of", async () => {
    const { graph, total } = sample();
    const executor = new CustomExecutor(1);
    const report = {
      cluster: "test",
      workers: 1,
      slots: 1,
      chunks: 3,
      duplicates: 0,
      busyMs: 1,
      requests: {},
      workerMs: [],
    };
    let disposed = false;
    executor.start = () =>
      Promise.resolve({
        get report() {
          return disposed ? report : undefined;
        },
        [Symbol.asyncDispose]: () => {
          disposed = true;
          return Promise.resolve();
        },
      });
    expect((await graph.run(total, { parameters: { n: 3 }, executor })).report).toBe(report);
  });
});

describe("an aborted run", () => {
  it("ends cancelled: what ran is cancelled, what had not begun is pending, what had ended stays", async () => {
    const controller = new AbortController();
    const graph = new TestGraph();
    const done = graph.task("done", () => [1, 2]);
    const stuck = graph.task("stuck", async () => {
      controller.abort(new Error("enough"));
      return await new Promise(() => undefined);
    });
    const mapped = graph.map("mapped", async () => await new Promise(() => undefined), [each(done)]);
    const never = graph.task("never", () => 1, [stuck]);
    const executor = new Watched();
    const state = await graph.run([done, never], { executor, signal: controller.signal });
    expect(state).toMatchObject({ kind: "Cancelled", message: "Flow run is cancelled.", error: new Error("enough") });
    expect(state.of(done).kind).toBe("Success");
    expect(state.of(stuck)).toMatchObject({ kind: "Cancelled", message: "Task run is cancelled." });
    expect(state.of(never)).toMatchObject({ kind: "Pending", message: "Task not run." });
    const children = state.of(mapped);
    expect(children.kind === "Mapped" && children.mapStates.counts).toEqual({ Cancelled: 2 });
    expect(state.result).toEqual([[1, 2], undefined]);
    expect(executor.seen.at(-1)).toBe("dispose");
  });

  it("starts nothing when the signal was aborted before", async () => {
    const { graph, total } = sample();
    const executor = new Watched();
    const state = await graph.run(total, { parameters: { n: 1 }, executor, signal: AbortSignal.abort() });
    expect(state.kind).toBe("Cancelled");
    expect(executor.seen).toEqual([]);
  });

  it("ends cancelled when the abort keeps the executor from starting", async () => {
    const { graph, total } = sample();
    const controller = new AbortController();
    const executor = new Watched({
      start: () => {
        controller.abort();
        throw new Error("interrupted");
      },
    });
    const state = await graph.run(total, { parameters: { n: 1 }, executor, signal: controller.signal });
    expect(state.kind).toBe("Cancelled");
  });

  it("stops a long map of bodies that never wait", async () => {
    const controller = new AbortController();
    const graph = new TestGraph();
    const mapped = graph.map(
      "mapped",
      (x: number) => {
        if (x === 100)
          setTimeout(() => {
            controller.abort();
          }, 0);
        const until = performance.now() + 0.2;
        while (performance.now() < until);
      },
      [each(Array.from({ length: 100_000 }, (_, i) => i))],
    );
    const state = await graph.run(mapped, { signal: controller.signal });
    const children = state.of(mapped);
    const counts = children.kind === "Mapped" ? children.mapStates.counts : {};
    expect(counts.Success).toBeGreaterThan(100);
    expect(counts.Cancelled).toBeGreaterThan(50_000);
  });

  it("leaves no listener on the signal", async () => {
    const { graph, total } = sample();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await graph.run(total, { parameters: { n: 1 }, signal });
    expect(listeners).toBe(0);
  });
});

describe("the observer", () => {
  it("is told of everything, in order, and settled calls add up to the planned ones", async () => {
    const { graph, total } = sample();
    const events: RunEvent[] = [];
    await graph.run(total, { parameters: { n: 3 }, onEvent: (event) => events.push(event) });
    expect(events).toEqual([
      {
        type: "run-started",
        runId: expect.any(String) as string,
        flowName: "test",
        executor: "LocalExecutor",
        profile: { place: "in-process" },
      },
      { type: "calls-planned", slug: "list-1", calls: 1 },
      { type: "calls-planned", slug: "total-3", calls: 1 },
      { type: "task-finished", slug: "n-0", kind: "Success", message: "Task run succeeded." },
      { type: "task-started", slug: "list-1" },
      { type: "calls-settled", slug: "list-1", successful: 1, failed: 0 },
      { type: "task-finished", slug: "list-1", kind: "Success", message: "Task run succeeded." },
      { type: "calls-planned", slug: "doubled-2", calls: 3 },
      { type: "task-started", slug: "doubled-2" },
      { type: "calls-settled", slug: "doubled-2", successful: 3, failed: 0 },
      { type: "task-finished", slug: "doubled-2", kind: "Mapped", message: "Ready to proceed with mapping." },
      { type: "task-started", slug: "total-3" },
      { type: "calls-settled", slug: "total-3", successful: 1, failed: 0 },
      { type: "task-finished", slug: "total-3", kind: "Success", message: "Task run succeeded." },
      {
        type: "run-finished",
        kind: "Success",
        message: "All reference tasks succeeded.",
        elapsedMs: expect.any(Number) as number,
        report: undefined,
      },
    ]);
  });

  it("may throw without disturbing the run", async () => {
    const { graph, total } = sample();
    const state = await graph.run(total, { parameters: { n: 3 }, onEvent: broken });
    expect(state.result).toBe(6);
  });

  it("is told what the executor tells", async () => {
    const { graph, total } = sample();
    const events: RunEvent[] = [];
    const executor = new CustomExecutor(1);
    const start = executor.start;
    executor.start = (context?: RunContext) => {
      context?.emit({ kind: "warning", message: "slow today" });
      return start();
    };
    await graph.run(total, { parameters: { n: 1 }, executor, onEvent: (event) => events.push(event) });
    expect(events).toContainEqual({ type: "executor", event: { kind: "warning", message: "slow today" } });
  });
});

function definition(graph: TestGraph, output: { readonly node: number }) {
  const declared = new Map([["n", { required: true, default: undefined, schema: undefined }]]);
  return {
    name: "test",
    graph: graph.graph(output),
    parameters: { schema: undefined, declared },
    definedIn: undefined,
    executor: undefined,
  };
}

it("any number of calls, and of runs with one signal, may listen for an abort: Node warns of no leak", async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", note);
  const { signal } = new AbortController();
  const graph = new TestGraph();
  const listen = async (): Promise<void> => {
    callContext.signal.addEventListener("abort", () => undefined);
    await turn();
  };
  const children = graph.map("listen", listen, [each(Array.from({ length: 15 }, (_, i) => i))]);
  const runs = Array.from({ length: 15 }, () => graph.run(children, { executor: new CustomExecutor(15), signal }));
  expect((await Promise.all(runs)).map(({ kind }) => kind)).toEqual(runs.map(() => "Success"));
  await turn(); // warnings are told a moment later
  process.off("warning", note);
  expect(warnings).toEqual([]);
});
