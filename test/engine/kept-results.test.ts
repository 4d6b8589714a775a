import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { around } from "../../src/engine/ranges.ts";
import { ResultCache } from "../../src/engine/result-cache.ts";
import type { EngineDeps } from "../../src/engine/prepare-run.ts";
import type { Executor } from "../../src/executors/executor.ts";
import { allInputs, allParameters, neverUse } from "../../src/flow/cache-validator.ts";
import type { FlowFactory } from "../../src/flow/flow-factory.ts";
import type { Handle } from "../../src/flow/handle.ts";
import { Parameter } from "../../src/flow/parameter.ts";
import { range } from "../../src/flow/range.ts";
import { SKIP, SUCCESS } from "../../src/flow/signals.ts";
import { isSuccessful } from "../../src/flow/state.ts";
import { task } from "../../src/flow/task.ts";
import type { TaskOptions } from "../../src/flow/task-options.ts";
import type { ResultStore } from "../../src/results/result-store.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { flowWith } from "./support/test-flow.ts";
import { testDeps } from "./support/test-graph.ts";

/** Holds every writing back until nothing more comes. */
class SlowResults {
  written = 0;
  atOnce = 0;
  most = 0;
  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  async write(): Promise<void> {
    this.most = Math.max(this.most, (this.atOnce += 1));
    await turn();
    this.atOnce -= 1;
    this.written += 1;
  }
  among(): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set());
  }
}

class MemoryResults implements ResultStore {
  readonly values = new Map<string, unknown>();
  readonly asked: string[] = [];
  read(key: string): Promise<{ readonly value: unknown } | undefined> {
    this.asked.push(`read ${key}`);
    return Promise.resolve(this.values.has(key) ? { value: this.values.get(key) } : undefined);
  }
  write(key: string, value: unknown): Promise<void> {
    if (value === "unwritable") return Promise.reject(new Error("disk is full"));
    this.asked.push(`write ${key}`);
    this.values.set(key, value);
    return Promise.resolve();
  }
  among(keys: readonly string[]): Promise<ReadonlySet<string>> {
    this.asked.push(`among ${String(keys.length)}`);
    return Promise.resolve(new Set(keys.filter((key) => this.values.has(key))));
  }
}

let nowMs: number;
let calls: unknown[];
let deps: EngineDeps;
let flow: FlowFactory;
let store: MemoryResults;
beforeEach(() => {
  nowMs = Date.UTC(2026, 7, 1);
  calls = [];
  deps = { ...testDeps, cache: new ResultCache(), clock: { ...testDeps.clock, now: () => nowMs } };
  flow = flowWith(deps);
  store = new MemoryResults();
});

function counted(options: TaskOptions, body = (x: unknown): unknown => [x]) {
  return task(
    "counted",
    (x: unknown) => {
      calls.push(x);
      return body(x);
    },
    options,
  );
}

describe("a cached result", () => {
  it("stands for later calls until it is too old", async () => {
    const cached = counted({ cacheFor: "1m" });
    const example = flow("cached", () => cached(new Parameter("n", { default: 1 })));
    const handle = { nodeIn: () => 1 };
    const first = await example.run();
    expect(first.of(handle)).toMatchObject({ kind: "Success", result: [1], attempts: 1 });
    nowMs += 59_000;
    const second = await example.run({ parameters: { n: 2 } });
    expect(second).toMatchObject({ kind: "Success", result: [1] });
    expect(second.of(handle)).toMatchObject({
      kind: "Cached",
      message: "Used cached state.",
      result: [1],
      attempts: 0,
    });
    expect(isSuccessful(second.of(handle))).toBe(true);
    nowMs += 1_000;
    expect((await example.run({ parameters: { n: 3 } })).result).toEqual([3]);
    expect(calls).toEqual([1, 3]);
  });

  it.each([
    [allInputs, [1, 2]],
    [allParameters, [1, 1, 2]],
    [neverUse, [1, 1, 1, 2, 1]],
  ])("is used where $name says so", async (cacheValidator, expected) => {
    const cached = counted({ cacheFor: "1h", cacheValidator });
    const example = flow("validated", () => cached(range(new Parameter<number>("n"))));
    const other = new Parameter<number>("other", { default: 0 });
    const twoParameters = flow("two", () => [cached(new Parameter<number>("n")), other]);
    for (const [n, more] of [
      [1, 0],
      [1, 0],
      [1, 5],
      [2, 0],
      [1, 0],
    ] as const) {
      // prettier-ignore
      await twoParameters.run({ parameters: { n, other: more } });
    }
    expect(calls).toEqual(expected);
    expect((await example.run({ parameters: { n: 2 } })).result).toEqual([[0, 1]]);
  });

  it("is shared by tasks of one key, and by those alone", async () => {
    const one = task("one", () => "one", { cacheFor: 1000, cacheKey: "shared" });
    const two = task("two", () => "two", { cacheFor: 1000, cacheKey: "shared" });
    const three = task("three", () => "three", { cacheFor: 1000 });
    await flow("first", () => one()).run();
    expect((await flow("second", () => [two(), three()]).run()).result).toEqual(["one", "three"]);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("no"))],
    ["is skipped", () => Promise.reject(new SKIP("no"))],
  ])("is not left by a call that %s", async (_, body) => {
    const cached = counted({ cacheFor: "1h" }, body);
    const example = flow("failing", () => cached(1));
    await example.run();
    await example.run();
    expect(calls).toHaveLength(2);
  });

  it("is left by a retry that succeeds, and by a signal of success", async () => {
    let attempts = 0;
    const body = (): never => {
      attempts += 1;
      if (attempts === 1) throw new Error("once");
      throw new SUCCESS("done", { result: 7 });
    };
    const cached = counted({ cacheFor: "1h", maxRetries: 1, retryDelay: 0 }, body);
    const example = flow("retried", () => cached(1));
    expect((await example.run()).result).toBe(7);
    expect((await example.run()).result).toBe(7);
    expect(calls).toHaveLength(2);
  });
});

describe("children of a mapped task", () => {
  it.each([
    ["one after the other", undefined],
    ["side by side", new CustomExecutor(3)],
  ])("are cached one by one, whatever their index, %s", async (_, executor?: Executor) => {
    const cached = counted({ cacheFor: "1h", cacheValidator: allInputs }, (x) => Number(x) * 10);
    const after = task("after", (x: unknown) => Number(x) + 1);
    const example = flow("mapped", () => after.map(cached.map(new Parameter<number[]>("xs"))));
    const run = async (xs: number[]): Promise<unknown> =>
      (await example.run({ parameters: { xs }, ...(executor && { executor }) })).result;
    expect(await run([1, 2, 3])).toEqual([11, 21, 31]);
    expect(await run([3, 4, 1])).toEqual([31, 41, 11]);
    expect([...calls].sort()).toEqual([1, 2, 3, 4]);
  });

  it("are looked up with few questions, and say where they were found", async () => {
    const kept = counted({ result: store, target: "{flowName}/{mapIndex}" });
    const handles: { mapped?: Handle<unknown> } = {};
    const example = flow("many", () => (handles.mapped = kept.map(range(4))));
    store.values.set("many/2", "there");
    const state = await example.run();
    expect(state.result).toEqual([[0], [1], "there", [3]]);
    expect(store.asked.filter((what) => !what.startsWith("write"))).toEqual(["among 4", "read many/2"]);
    const mapped = state.of(handles.mapped as Handle<unknown>);
    const found = mapped.kind === "Mapped" ? mapped.mapStates.at(2) : undefined;
    expect(found).toMatchObject({ kind: "Cached", message: "Result found at task target many/2", result: "there" });
    expect((await example.run()).result).toEqual([[0], [1], "there", [3]]);
    expect(calls).toEqual([0, 1, 3]);
  });

  it("have arguments that their executor keeps elsewhere", async () => {
    const executor = new ScatteringExecutor({
      random: () => 0.4,
      fuses: true,
      tellsLengths: true,
      peeks: false,
    } as never);
    const make = task("make", (x: number) => ({ id: x }));
    const kept = counted({ result: store, target: "{x.id}" }, (x) => (x as { id: number }).id * 2);
    const example = flow("remote", () => kept.map(make.map(range(5))));
    expect((await example.run({ executor })).result).toEqual([0, 2, 4, 6, 8]);
    expect([...store.values].sort()).toEqual([["0", 0], ["1", 2], ["2", 4], ["3", 6], ["4", 8]]); // prettier-ignore
    expect((await example.run({ executor })).result).toEqual([0, 2, 4, 6, 8]);
    expect(calls).toHaveLength(5);
  });
});

describe("a target", () => {
  it("that exists stands for the call, before the trigger is asked", async () => {
    const fail = task("fail", (): number => {
      throw new Error("no");
    });
    const kept = counted({ result: store, target: "{today}" });
    const example = flow("target", () => kept(fail()));
    expect((await example.run()).kind).toBe("Failed");
    store.values.set("2026-08-01", "yesterday's");
    expect((await example.run()).result).toBe("yesterday's");
    expect(calls).toEqual([]);
  });

  it("is not looked for by a task that is skipped", async () => {
    const skip = task("skip", (): number => {
      throw new SKIP("no");
    });
    const kept = counted({ result: store, target: "x" });
    expect((await flow("skipped", () => kept(skip())).run()).result).toBeNull();
    expect(store.asked).toEqual([]);
  });

  it("is written once the call has succeeded", async () => {
    const kept = counted({
      result: store,
      target: ({ inputs, parameters }) => `${String(inputs["x"])}-${String(parameters["p"])}`,
    });
    await flow("written", () => kept(new Parameter("p"))).run({ parameters: { p: "v" } });
    expect([...store.values]).toEqual([["v-v", ["v"]]]);
  });

  it("is not written without checkpointing, but looked for", async () => {
    const kept = counted({ result: store, target: "a", checkpoint: false });
    await flow("reads", () => kept(1)).run();
    const off = flowWith({ ...deps, checkpointing: () => false });
    const other = counted({ result: store, target: "b" });
    await off("reads", () => other(1)).run();
    expect(store.asked).toEqual(["read a", "read b"]);
  });

  it("fails the task when it cannot be told, read or written", async () => {
    const unknown = counted({ result: store, target: "{nobody}" });
    const untold = await flow("untold", () => unknown(1)).run();
    expect(untold.error?.message).toContain('target of task "counted" names {nobody}');
    expect(calls).toEqual([]);
    const unwritable = counted({ result: store, target: "x" }, () => "unwritable");
    const handle = { nodeIn: () => 0 };
    const unwritten = await flow("unwritten", () => unwritable(1)).run();
    expect(unwritten.of(handle)).toMatchObject({ kind: "Failed", message: "Unexpected error: Error: disk is full" });
    const mapped = await flow("mapped", () => unwritable.map([1])).run();
    expect(mapped.error?.message).toBe("disk is full");
  });

  it("may be none: then results are kept by run and task", async () => {
    const kept = counted({ result: store });
    const state = await flow("plain", () => kept.map([7])).run();
    expect([...store.values.keys()]).toEqual([`plain/${state.runId}/counted-1/0`]);
  });
});

it("the cache forgets what was used longest ago", () => {
  const cache = new ResultCache(2);
  cache.add("a", 1, 10);
  cache.add("b", 2, 10);
  expect(cache.find("a", 0)).toEqual({ value: 1 });
  cache.add("c", 3, 10);
  expect(cache.find("b", 0)).toBeUndefined();
  expect(cache.find("a", 0)).toEqual({ value: 1 });
  expect(cache.find("a", 10)).toBeUndefined();
});

describe("many children", () => {
  it("have their results written side by side, but no more at once than a store likes", async () => {
    const slow = new SlowResults();
    const kept = counted({ result: slow });
    const state = await flow("many", () => kept.map(range(200))).run();
    expect(state.kind).toBe("Success");
    expect(slow.written).toBe(200);
    expect(slow.most).toBe(32);
  });
});

it("the range of indices may be of more than a function may have arguments", () => {
  const indices = Array.from({ length: 200_000 }, (_, i) => 7 + i);
  expect(around(indices)).toEqual({ start: 7, end: 200_007 });
  expect(around([])).toEqual({ start: 0, end: 0 });
});
