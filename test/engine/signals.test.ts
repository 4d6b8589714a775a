import { describe, expect, it } from "vitest";
import type { Executor } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import { context } from "../../src/flow/context.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { FAIL, PAUSE, RETRY, SKIP, SUCCESS, TRIGGERFAIL, VALIDATIONFAIL } from "../../src/flow/signals.ts";
import type { State } from "../../src/flow/state.ts";
import { task } from "../../src/flow/task.ts";
import type { TaskOptions } from "../../src/flow/task-options.ts";
import { allFinished, manualOnly, type Trigger } from "../../src/flow/trigger.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { world } from "./support/test-flow.ts";

const throws = (make: () => Error, options: TaskOptions = {}) =>
  task(
    "signals",
    (): number => {
      throw make();
    },
    options,
  );
const got = (x: unknown) => ["got", x];
const follow = (options: TaskOptions = {}) => task("follow", got, options);

function seeded(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822507) + 0x9e3779b9) >>> 0;
    return state / 2 ** 32;
  };
}

/** Bodies have their context there. */
const inProcess = (): [string, () => Executor][] => executors.slice(0, 2);

const executors: [string, () => Executor][] = [
  ["LocalExecutor", () => new LocalExecutor()],
  ["an executor that runs several at once", () => new CustomExecutor(4)],
  ...Array.from({ length: 6 }, (_, seed): [string, () => Executor] => [
    `an executor that fuses and keeps results, ${String(seed)}`,
    () => new ScatteringExecutor({ random: seeded(seed + 1), keeps: true, fuses: true }),
  ]),
];

describe("a task's body that throws a signal", () => {
  it("SKIP: is skipped with the result named, and so is what follows", async () => {
    const { flow } = world();
    const state = await flow("f", () => {
      const skipped = throws(() => new SKIP("nothing to do", { result: 7 }))();
      return [follow()(skipped), follow({ skipOnUpstreamSkip: false })(skipped)];
    }).run();
    expect(state.kind).toBe("Success");
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Skipped", message: "nothing to do", result: 7, attempts: 1 });
    expect(state.of({ node: 1 })).toMatchObject({ kind: "Skipped", attempts: 0 });
    expect(state.result).toEqual([null, ["got", 7]]);
  });

  it("FAIL: fails with the result named, and is made again as its options say", async () => {
    const { clock, flow } = world();
    const state = await flow("f", () =>
      follow({ trigger: allFinished })(
        throws(() => new FAIL("no good", { result: "what is left" }), { maxRetries: 2, retryDelay: "10s" })(),
      ),
    ).run();
    expect(state.of({ node: 0 })).toMatchObject({
      kind: "Failed",
      message: "no good",
      result: "what is left",
      attempts: 3,
    });
    expect(state.of({ node: 0 }).error).toMatchObject({ name: "FAIL", message: "no good" });
    expect(state.result).toEqual(["got", "what is left"]);
    expect(clock.slept).toEqual([10_000, 10_000]);
  });

  it.each<[string, () => Error]>([
    ["TriggerFailed", () => new TRIGGERFAIL("not now")],
    ["ValidationFailed", () => new VALIDATIONFAIL("not now")],
  ])("is %s, and is not made again", async (kind, make) => {
    const { flow } = world();
    const state = await flow("f", () => follow()(throws(make, { maxRetries: 2, retryDelay: 0 })())).run();
    expect(state.of({ node: 0 })).toMatchObject({ kind, message: "not now", attempts: 1 });
    expect(state.of({ node: 1 }).kind).toBe("TriggerFailed");
  });

  it("RETRY: is made again at its time, however often", async () => {
    const { clock, flow } = world();
    const events: RunEvent[] = [];
    let attempts = 0;
    const work = task("work", () => {
      attempts += 1;
      if (attempts < 5) throw new RETRY("not ready", { startTime: new Date(clock.now() + 1_000) });
      return "ready";
    });
    const state = await flow("f", () => work()).run({ onEvent: (event) => events.push(event) });
    expect(state).toMatchObject({ kind: "Success", result: "ready" });
    expect(state.of({ node: 0 })).toMatchObject({ attempts: 5 });
    expect(clock.slept).toEqual([1_000, 1_000, 1_000, 1_000]);
    expect(events.filter(({ type }) => type === "calls-retrying")).toHaveLength(4);
  });

  it("SUCCESS: succeeds, also where the executor does not know signals", async () => {
    const { flow } = world();
    const state = await flow("f", () => follow()(throws(() => new SUCCESS("done early", { result: 5 }))())).run();
    expect(state.result).toEqual(["got", 5]);
  });

  it("a timeout is TimedOut, in Prefect's words, and is made again", async () => {
    const { flow } = world();
    const timeout = Object.assign(new Error("5 s"), { name: "TimeoutError", code: "timed_out" });
    const state = await flow("f", () => throws(() => timeout, { maxRetries: 1, retryDelay: 0 })()).run();
    expect(state.of({ node: 0 })).toMatchObject({
      kind: "TimedOut",
      message: "Task timed out during execution.",
      error: timeout,
      attempts: 2,
    });
    expect(state.error).toBe(timeout);
  });
});

describe("children that throw signals", () => {
  const xs = Array.from({ length: 30 }, (_, i) => i);
  const sift = task("sift", (x: number) => {
    if (x % 5 === 1) throw new SKIP(`skips ${String(x)}`);
    if (x % 5 === 2) throw new FAIL("fails", { result: -x });
    if (x % 5 === 3) throw new SUCCESS("early", { result: x * 10 });
    return x * 10;
  });
  const next = task("next", (x: number) => x + 1);
  const list = task("list", (all: readonly unknown[]) => all, { trigger: allFinished, skipOnUpstreamSkip: false });

  it.each(executors)("end each in its own way: %s", async (_, makeExecutor) => {
    const { flow } = world(makeExecutor());
    const state = await flow("f", () => {
      const sifted = sift.map(xs);
      const followed = next.map(sifted);
      return [list(sifted), list(followed)];
    }).run();
    const [first, second] = state.result as [unknown[], unknown[]];
    expect(first).toEqual(xs.map((x) => (x % 5 === 1 ? null : x % 5 === 2 ? -x : x * 10)));
    expect(second).toEqual(
      xs.map((x) => (x % 5 === 1 ? null : x % 5 === 2 ? (expect.any(Error) as unknown) : x * 10 + 1)),
    );
    const sifted = state.of({ node: 0 }) as Extract<State, { kind: "Mapped" }>;
    expect(sifted.mapStates.counts).toEqual({ Success: 18, Skipped: 6, Failed: 6 });
    expect(sifted.mapStates.at(1)).toMatchObject({ kind: "Skipped", message: "skips 1", attempts: 1 });
    expect(sifted.mapStates.at(2)).toMatchObject({ kind: "Failed", message: "fails", result: -2 });
    expect(sifted.mapStates.at(2)?.history.map(({ kind }) => kind)).toEqual(["Pending", "Running", "Failed"]);
  });

  it.each(executors)("are made again alone: %s", async (_, makeExecutor) => {
    const { flow } = world(makeExecutor());
    const begun = new Map<number, number>();
    const stubborn = task("stubborn", (x: number) => {
      const count = (begun.get(x) ?? 0) + 1;
      begun.set(x, count);
      if (x % 3 === 0 && count <= x % 4) throw new RETRY("again");
      return x;
    });
    const state = await flow("f", () => list(next.map(stubborn.map(xs)))).run();
    expect(state.result).toEqual(xs.map((x) => x + 1));
    expect([...begun.entries()].every(([x, count]) => count === (x % 3 === 0 ? (x % 4) + 1 : 1))).toBe(true);
  });
});

describe("a trigger that throws", () => {
  const upstream = task("upstream", () => 1);
  const trigger = (thrown: Error): Trigger => ({
    name: "mine",
    message: "mine was not met",
    test: () => {
      throw thrown;
    },
  });

  it.each<[string, Error, object]>([
    ["SKIP", new SKIP("not today"), { kind: "Skipped", message: "not today" }],
    ["FAIL", new FAIL("bad"), { kind: "Failed", message: "bad" }],
    ["SUCCESS", new SUCCESS("as is", { result: 3 }), { kind: "Success", message: "as is", result: 3 }],
    [
      "an error",
      new TypeError("oops"),
      { kind: "TriggerFailed", message: "Unexpected error while checking task trigger: TypeError: oops" },
    ],
  ])("%s decides the state, and nothing is made again", async (_, thrown, expected) => {
    const { flow } = world();
    let ran = 0;
    const work = task("work", (x: number) => (ran += x), { trigger: trigger(thrown), maxRetries: 3, retryDelay: 0 });
    const state = await flow("f", () => [work(upstream()), work.map([upstream(), upstream()])]).run();
    expect(state.of({ node: 1 })).toMatchObject({ ...expected, attempts: 0 });
    const mapped = state.of({ node: 4 });
    expect(mapped.kind === "Mapped" && mapped.mapStates.at(1)).toMatchObject({ ...expected, attempts: 0 });
    expect(ran).toBe(0);
  });
});

describe("a call that pauses", () => {
  const other = task("other", (x: number) => x + 1);

  it("stays paused without onPause; the rest is run, and the run says what to do", async () => {
    const { flow } = world();
    const approve = task("approve", () => "yes", { trigger: manualOnly });
    const state = await flow("f", () => [follow()(approve()), other(other(1))]).run();
    expect(state).toMatchObject({
      kind: "Paused",
      message: "Some tasks are paused: approve-1. Run the flow with onPause, which is asked whether they may go on.",
    });
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Paused", message: 'Trigger function is "manual_only"' });
    expect(state.of({ node: 1 })).toMatchObject({ kind: "Pending", message: "Task not run." });
    expect(state.of({ node: 3 })).toMatchObject({ kind: "Success", result: 3 });
  });

  it("goes on when onPause says so", async () => {
    const { flow } = world();
    const asked: unknown[] = [];
    const approve = task("approve", (x: number) => x * 10, { trigger: manualOnly });
    const state = await flow("f", () => [follow()(approve(1)), approve.map([1, 2, 3])]).run({
      onPause: async (paused) => {
        asked.push(paused.name);
        return await Promise.resolve(paused.mapIndex !== 1);
      },
    });
    expect(asked.sort()).toEqual(["approve", "approve[0]", "approve[1]", "approve[2]"]);
    expect(state.kind).toBe("Paused");
    expect(state.of({ node: 1 })).toMatchObject({ kind: "Success", result: ["got", 10] });
    expect(state.of({ node: 0 }).history.map(({ kind }) => kind)).toEqual(["Pending", "Paused", "Running", "Success"]);
    const mapped = state.of({ node: 2 });
    expect(mapped.kind === "Mapped" && mapped.mapStates.counts).toEqual({ Success: 2, Paused: 1 });
  });

  it.each(executors)("by its body, is made again when it may: %s", async (_, makeExecutor) => {
    const { flow } = world(makeExecutor());
    const begun = new Set<number>();
    const careful = task("careful", (x: number) => {
      if (x % 2 === 0 && !begun.has(x)) {
        begun.add(x);
        throw new PAUSE("may I?");
      }
      return x;
    });
    const state = await flow("f", () => other.map(careful.map([0, 1, 2, 3]))).run({ onPause: () => true });
    expect(state).toMatchObject({ kind: "Success", result: [1, 2, 3, 4] });
  });

  it.each(inProcess())(
    "by its body, can see that it goes on, and the pause is no attempt: %s",
    async (_, makeExecutor) => {
      const { flow } = world(makeExecutor());
      const seen = new Map<number, [resumed: boolean, taskRunCount: number][]>();
      const careful = task(
        "careful",
        (x: number) => {
          const times = [...(seen.get(x) ?? []), [context.resumed, context.taskRunCount] as [boolean, number]];
          seen.set(x, times);
          if (x % 2 === 0 && !context.resumed) throw new PAUSE("may I?");
          if (times.length === (x % 2 === 0 ? 2 : 1)) throw new Error("the only retry is there all the same");
          return x;
        },
        { maxRetries: 1, retryDelay: 5 },
      );
      const state = await flow("f", () => other.map(careful.map([0, 1, 2, 3]))).run({ onPause: () => true });
      expect(state).toMatchObject({ kind: "Success", result: [1, 2, 3, 4] });
      const pausing = [
        [false, 1],
        [true, 1],
        [true, 2],
      ];
      const plain = [
        [false, 1],
        [false, 2],
      ];
      expect([0, 1, 2, 3].map((x) => seen.get(x))).toEqual([pausing, plain, pausing, plain]);
      const children = state.of({ node: 0 });
      expect(children.kind === "Mapped" && [...children.mapStates].map(({ attempts }) => attempts)).toEqual([
        3, 2, 3, 2,
      ]);
    },
  );

  it.each(inProcess())("by its body, plain: %s", async (_, makeExecutor) => {
    const { flow } = world(makeExecutor());
    const seen: unknown[] = [];
    const careful = task(
      "careful",
      () => {
        seen.push([context.resumed, context.taskRunCount]);
        if (!context.resumed) throw new PAUSE("may I?");
        if (seen.length === 2) throw new Error("once");
        return seen.length;
      },
      { maxRetries: 1, retryDelay: 5 },
    );
    const state = await flow("f", () => careful()).run({ onPause: () => true });
    expect(state).toMatchObject({ kind: "Success", result: 3 });
    expect(seen).toEqual([
      [false, 1],
      [true, 1],
      [true, 2],
    ]);
    expect(state.of({ node: 0 })).toMatchObject({ attempts: 3 });
  });

  it("fails when onPause throws", async () => {
    const { flow } = world();
    const approve = task("approve", (x: number) => x, { trigger: manualOnly });
    const onPause = () => {
      throw new Error("nobody there");
    };
    const state = await flow("f", () => [approve(1), approve.map([1])]).run({ onPause });
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Failed", message: "Unexpected error: Error: nobody there" });
  });

  it("does not hold up an abort", async () => {
    const { flow } = world();
    const stop = new AbortController();
    const approve = task("approve", () => "yes", { trigger: manualOnly });
    const state = await flow("f", () => approve()).run({
      signal: stop.signal,
      onPause: async () => {
        stop.abort();
        return await new Promise(() => undefined);
      },
    });
    expect([state.kind, state.of({ node: 0 }).kind]).toEqual(["Cancelled", "Cancelled"]);
  });
});
