import { describe, expect, it } from "vitest";
import type { Call, CallBatch } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { exponentialBackoff, type RetryOptions } from "../../src/flow/retry-policy.ts";
import type { State } from "../../src/flow/state.ts";
import { task } from "../../src/flow/task.ts";
import { allFinished, anyFailed, type Trigger } from "../../src/flow/trigger.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { EagerClock } from "./support/eager-clock.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { flowWith, world } from "./support/test-flow.ts";

/** A body that fails `times` times for each input. */
function flaky(times: number): { readonly body: (x: number) => number; readonly begun: Map<number, number> } {
  const begun = new Map<number, number>();
  const body = (x: number): number => {
    const count = (begun.get(x) ?? 0) + 1;
    begun.set(x, count);
    if (count <= times) throw new RangeError(`failure ${String(count)}`);
    return x * 10;
  };
  return { body, begun };
}

const twice: RetryOptions = { maxRetries: 2, retryDelay: "10s" };

describe("a task with retries", () => {
  it("is made again after the delay, and succeeds", async () => {
    const { clock, flow } = world();
    const work = task("work", flaky(2).body, twice);
    const example = flow("f", () => work(1));
    const state = await example.run();
    expect(state).toMatchObject({ kind: "Success", result: 10 });
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Success", attempts: 3 });
    expect(clock.slept).toEqual([10_000, 10_000]);
  });

  it("fails with the last error when the retries are used up, and its downstream is not run", async () => {
    const { flow } = world();
    const { body, begun } = flaky(9);
    const after = task("after", (x: number) => x);
    const state = await flow("f", () => after(task("work", body, twice)(1))).run();
    expect(begun.get(1)).toBe(3);
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Failed", attempts: 3, error: { message: "failure 3" } });
    expect(state.of({ node: 1 })).toMatchObject({ kind: "TriggerFailed", attempts: 0 });
  });

  it("lets the rest of the flow go on while it waits", async () => {
    const { clock, flow } = world();
    let pass: () => void = () => undefined;
    clock.until = new Promise((resolve) => (pass = resolve));
    const order: string[] = [];
    const work = task(
      "work",
      () => {
        order.push("work");
        if (order.length === 1) throw new Error("first");
      },
      { maxRetries: 1, retryDelay: 60_000 },
    );
    const other = task("other", (x: number) => {
      order.push(`other ${String(x)}`);
      if (x === 2) pass();
      return x + 1;
    });
    await flow("f", () => [work(), other(other(1))]).run();
    expect(order).toEqual(["work", "other 1", "other 2", "work"]);
  });

  it("waits as its function of the attempt says, with the run's own chance", async () => {
    const { clock, flow } = world();
    const retryDelay = exponentialBackoff({ base: "1s", max: "3s", jitter: true });
    await flow("f", () => task("work", flaky(3).body, { maxRetries: 3, retryDelay })(1)).run();
    expect(clock.slept).toEqual([750, 1_500, 2_250]);
  });

  it.each<[string, RetryOptions["retryOn"], number]>([
    ["its class", RangeError, 2],
    ["a base of its class", Error, 2],
    ["another class", TypeError, 1],
    ["one class of several", [TypeError, RangeError], 2],
    ["a function that says yes", (error) => error.message === "failure 1", 2],
    ["a function that says no", () => false, 1],
    [
      "a function that throws",
      () => {
        throw new Error("no");
      },
      1,
    ],
  ])("is made again only for errors that retryOn names: %s", async (_, retryOn, attempts) => {
    const { flow } = world();
    const work = task("work", flaky(1).body, { maxRetries: 3, retryDelay: 0, ...(retryOn && { retryOn }) });
    const state = await flow("f", () => work(1)).run();
    expect(state.of({ node: 0 }).attempts).toBe(attempts);
  });

  it("is not made again when its trigger refused it", async () => {
    const { clock, flow } = world();
    const { body, begun } = flaky(0);
    const ok = task("ok", () => 1);
    const state = await flow("f", () => task("work", body, { ...twice, trigger: anyFailed })(ok())).run();
    expect(state.of({ node: 1 }).kind).toBe("TriggerFailed");
    expect([begun.size, clock.slept.length]).toEqual([0, 0]);
  });

  it("ends with the run that is aborted while it waits", async () => {
    const { flow } = world();
    const stop = new AbortController();
    const failing = task(
      "failing",
      () => {
        setTimeout(() => {
          stop.abort();
        }, 0);
        throw new Error("always");
      },
      { maxRetries: 1_000_000, retryDelay: 1 },
    );
    const state = await flow("f", () => failing()).run({ signal: stop.signal });
    expect(state.kind).toBe("Cancelled");
    expect(state.of({ node: 0 }).kind).toBe("Cancelled");
  });
});

describe("children of a mapped task", () => {
  const xs = Array.from({ length: 20 }, (_, i) => i);

  it.each([
    ["LocalExecutor", () => new LocalExecutor()],
    ["an executor that runs several at once", () => new CustomExecutor(4)],
    ...Array.from(
      { length: 20 },
      (_, seed) =>
        [
          `an executor that fuses, scatters and keeps, seed ${String(seed)}`,
          () => new ScatteringExecutor({ random: randomOf(seed), fuses: seed % 2 === 0, keeps: true }),
        ] as const,
    ),
  ] as const)("retry alone, and so do those behind them: %s", async (_, makeExecutor) => {
    const { flow } = world(makeExecutor());
    const begun = new Map<string, number>();
    const failing = (name: string, fails: (x: number) => number) => (x: number) => {
      const key = `${name} ${String(x)}`;
      const count = (begun.get(key) ?? 0) + 1;
      begun.set(key, count);
      if (count <= fails(x)) throw new Error(`${key} failed`);
      return x;
    };
    const first = task(
      "first",
      failing("first", (x) => x % 4),
      twice,
    );
    const second = task(
      "second",
      failing("second", (x) => (x % 5 === 0 ? 1 : 0)),
      { maxRetries: 1, retryDelay: 0 },
    );
    const third = task("third", (x: number) => x);
    const list = task("list", (all: unknown[]) => all.map((x) => (x instanceof Error ? "error" : x)), {
      trigger: allFinished,
    });
    const example = flow("f", () => {
      const third1 = third.map(second.map(first.map(xs)));
      return [third1, list(third1)] as const;
    });
    const state = await example.run({ fetch: "all" });
    const firsts = state.of({ node: 0 });
    const seconds = state.of({ node: 1 });
    const expected = xs.filter((x) => x % 4 < 3);
    expect(attemptsOf(firsts)).toEqual(xs.map((x) => Math.min(x % 4, 2) + 1));
    expect(attemptsOf(seconds)).toEqual(xs.map((x) => (x % 4 === 3 ? 0 : x % 5 === 0 ? 2 : 1)));
    expect(state.result[0].filter((x) => typeof x === "number")).toEqual(expected);
    expect(state.result[1]).toEqual(xs.map((x) => (x % 4 === 3 ? "error" : x)));
    const thirds = state.of({ node: 2 });
    expect(thirds.kind === "Mapped" && thirds.mapStates.counts).toEqual({ Success: 15, TriggerFailed: 5 });
    const failed = firsts.kind === "Mapped" ? firsts.mapStates.at(3) : undefined;
    expect(failed).toMatchObject({ kind: "Failed", error: { message: "first 3 failed" } });
  });

  it("are handed over in batches, however many, and the trigger is not asked more often for more of them", async () => {
    const asked = async (width: number): Promise<{ readonly batches: number; readonly asked: number }> => {
      const counts = { batches: 0, asked: 0 };
      class Counting extends LocalExecutor {
        override async map(...given: Parameters<LocalExecutor["map"]>): Promise<void> {
          counts.batches += 1;
          await super.map(...given);
        }
      }
      const { flow } = world(new Counting());
      const seen = new Uint8Array(width);
      const work = task(
        "work",
        (x: number) => {
          const before = (seen[x] = (seen[x] ?? 0) + 1);
          if (before === 1) throw new Error("first");
          return x;
        },
        { maxRetries: 1, retryDelay: 5 },
      );
      const custom: Trigger = {
        name: "custom",
        message: "no",
        test: ({ failed }) => (counts.asked += 1) > 0 && failed === 0,
      };
      const next = task("next", (x: number) => x, { trigger: custom });
      const state = await flow("f", () => next.map(work.map(Array.from({ length: width }, (_, i) => i)))).run();
      const children = state.of({ node: 1 });
      expect(children.kind === "Mapped" && children.mapStates.counts).toEqual({ Success: width });
      expect(seen.every((count) => count === 2)).toBe(true);
      return counts;
    };
    const [few, many] = [await asked(10_000), await asked(100_000)];
    expect(many.asked).toBe(few.asked);
    // A slow machine hands over more often: what matters is that it is not for each.
    for (const [width, { batches }] of [[10_000, few] as const, [100_000, many] as const]) {
      expect((2 * width) / batches).toBeGreaterThan(20);
    }
  });

  it("say of how many attempts theirs was", async () => {
    const { flow } = world();
    const state = await flow("f", () => task("work", flaky(2).body, twice).map([1])).run();
    const mapped = state.of({ node: 0 });
    const child = mapped.kind === "Mapped" ? mapped.mapStates.at(0) : undefined;
    expect(child?.history.map(({ message }) => message)).toEqual([
      "Task not run.",
      "Starting task run.",
      "Retrying Task (after attempt 1 of 3)",
      "Starting task run.",
      "Retrying Task (after attempt 2 of 3)",
      "Starting task run.",
      "Task run succeeded.",
    ]);
  });
});

describe("configured retries", () => {
  function configured(maxRetries: number, retryDelayMs: number | undefined) {
    const clock = new EagerClock();
    const settings = async () =>
      await Promise.resolve({ logLevel: undefined, timeoutMs: undefined, retries: { maxRetries, retryDelayMs } });
    return { clock, flow: flowWith({ clock, settings }) };
  }

  it("hold for tasks that say nothing, plain and mapped", async () => {
    const { clock, flow } = configured(2, 7_000);
    const plain = task("plain", flaky(2).body);
    const mapped = task("mapped", flaky(1).body);
    const state = await flow("f", () => [plain(1), mapped.map([1, 2])]).run();
    expect(state.result).toEqual([10, [10, 20]]);
    expect(clock.slept).toContain(7_000);
    expect(state.of({ node: 0 }).history.map(({ message }) => message)).toContain(
      "Retrying Task (after attempt 1 of 3)",
    );
  });

  it("do not hold for tasks that say otherwise, were it none", async () => {
    const { flow } = configured(2, 1);
    const none = flaky(1);
    const one = flaky(2);
    const state = await flow("f", () => [
      task("none", none.body, { maxRetries: 0 })(1),
      task("one", one.body, { maxRetries: 1, retryDelay: 1 })(1),
    ]).run();
    expect(state.kind).toBe("Failed");
    expect([none.begun.get(1), one.begun.get(1)]).toEqual([1, 2]);
  });

  it("need a delay", async () => {
    const { flow } = configured(2, undefined);
    await expect(flow("f", () => task("work", () => 1)()).run()).rejects.toThrow(
      "tasks.defaults: `retryDelay` must be provided if maxRetries > 0",
    );
  });
});

it("one use of a task may have no retries", async () => {
  const { flow } = world();
  const { body, begun } = flaky(1);
  const state = await flow("f", () =>
    task("work", body, { ...twice, retryOn: RangeError }).with({ maxRetries: 0 })(1),
  ).run();
  expect(state.kind).toBe("Failed");
  expect(begun.get(1)).toBe(1);
});

describe("the executor", () => {
  it("is given attempts of their own and slugs of their own, and only the calls that failed", async () => {
    const seen: string[] = [];
    class Watching extends LocalExecutor {
      override async submit(call: Call) {
        seen.push(`${call.step.slug} ${String(call.attempt)}`);
        return await super.submit(call);
      }
      override async map(batch: CallBatch, settle: Parameters<LocalExecutor["map"]>[1]) {
        seen.push(
          `${batch.steps[0].slug} ${String(batch.attempt)} ${String(batch.range.start)}-${String(batch.range.end)}`,
        );
        await super.map(batch, settle);
      }
    }
    const { flow } = world(new Watching());
    const plain = task("plain", flaky(1).body, twice);
    const { body } = flaky(1);
    const many = task("many", (x: number) => (x === 1 || x === 2 || x === 5 ? body(x) : x), twice);
    await flow("f", () => [plain(1), many.map([0, 1, 2, 3, 4, 5])]).run();
    expect(seen.sort()).toEqual(["many-1 0 0-6", "many-1~1 1 1-3", "many-1~1 1 5-6", "plain-1 0", "plain-1~1 1"]);
  });

  it("that fails itself is no reason for a retry", async () => {
    class Broken extends LocalExecutor {
      override submit(): Promise<never> {
        return Promise.reject(new Error("the cluster is gone"));
      }
    }
    const { clock, flow } = world(new Broken());
    const state = await flow("f", () => task("work", flaky(1).body, twice)(1)).run();
    expect(state.error?.message).toBe("the cluster is gone");
    expect(clock.slept).toEqual([]);
  });
});

/** A linear congruential generator: chance that is the same every time. */
function randomOf(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function attemptsOf(state: State): number[] {
  return state.kind === "Mapped" ? [...state.mapStates].map(({ attempts }) => attempts) : [];
}
