/** What a body sees of its call, in this process; test/e2e/context.test.ts asks the same on workers. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { context, flow, LOOP, LocalExecutor, type RunEvent, SKIP, SUCCESS, task } from "../../src/index.ts";

const executor = new LocalExecutor();

type LogEvent = Extract<RunEvent, { readonly type: "log" }>;

/** An observer, and the lines it was told. */
function lines(): { readonly onEvent: (event: RunEvent) => void; readonly told: LogEvent[] } {
  const told: LogEvent[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type === "log") told.push(event);
  };
  return { told, onEvent };
}

describe("context", () => {
  it("tells a child of itself, its task and its run", async () => {
    const look = task("look", (x: number) => ({
      x,
      mapIndex: context.mapIndex,
      taskName: context.taskName,
      taskFullName: context.taskFullName,
      taskSlug: context.taskSlug,
      taskTags: context.taskTags,
      taskRunCount: context.taskRunCount,
      taskLoopCount: context.taskLoopCount,
      taskLoopResult: context.taskLoopResult,
      flowName: context.flowName,
      parameters: context.parameters,
      own: context.get("own"),
      missing: context.get("missing"),
      runId: context.flowRunId,
    }));
    const state = await flow("looking", () => look.map([7, 8])).run({ executor, context: { own: { deep: [1] } } });
    expect(state.result[1]).toEqual({
      x: 8,
      mapIndex: 1,
      taskName: "look",
      taskFullName: "look[1]",
      taskSlug: "look-1",
      taskTags: [],
      taskRunCount: 1,
      taskLoopCount: 1,
      taskLoopResult: undefined,
      flowName: "looking",
      parameters: {},
      own: { deep: [1] },
      missing: undefined,
      runId: state.runId,
    });
  });

  it("tells a plain task, without an index", async () => {
    const look = task("look", () => [context.mapIndex, context.taskFullName]);
    const state = await flow("looking", () => look()).run({ executor });
    expect(state.result).toEqual([undefined, "look"]);
  });

  it("counts attempts, and gives all of them the same key", async () => {
    const keys: string[] = [];
    const flaky = task(
      "flaky",
      (x: number) => {
        keys.push(context.idempotencyKey);
        if (context.taskRunCount < 3) throw new Error("again");
        return x * context.taskRunCount;
      },
      { maxRetries: 2, retryDelay: 0 },
    );
    const state = await flow("retrying", () => flaky.map([1])).run({ executor });
    expect(state.result).toEqual([3]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[0-9a-f]{32}$/)]));
  });

  it("gives each child and each turn of a loop a key of its own", async () => {
    const keys: string[] = [];
    const turn = task("turn", (x: number) => {
      keys.push(context.idempotencyKey);
      if (context.taskLoopCount === 1) throw new LOOP();
      return x;
    });
    await flow("keys", () => turn.map([1, 2])).run({ executor });
    expect(new Set(keys).size).toBe(4);
  });

  it("makes days of the date, in UTC, and takes another date from the user", async () => {
    const days = task("days", () => [
      context.date.toISOString(),
      context.today,
      context.yesterday,
      context.tomorrow,
      context.todayNodash,
      context.yesterdayNodash,
      context.tomorrowNodash,
    ]);
    const example = flow("days", () => days());
    const state = await example.run({ executor, context: { date: "2024-03-01T00:30:00Z" } });
    expect(state.result).toEqual([
      "2024-03-01T00:30:00.000Z",
      "2024-03-01",
      "2024-02-29",
      "2024-03-02",
      "20240301",
      "20240229",
      "20240302",
    ]);
    const plain = await example.run({ executor });
    expect(plain.result[0]).toBe(plain.startedAt.toISOString());
  });

  it("has the run's name and planned time as given", async () => {
    const look = task("look", () => [context.flowRunName, context.scheduledStartTime.toISOString()]);
    const at = new Date("2024-01-01T12:00:00Z");
    const given = { flowRunName: "nightly", scheduledStartTime: at };
    const state = await flow("named", () => look()).run({ executor, context: given });
    expect(state.result).toEqual(["nightly", at.toISOString()]);
  });

  it("is not to be had outside of a task", () => {
    expect(() => context.flowName).toThrow(/none is: use it inside of a task's body/);
    expect(() => context.get("x")).toThrow(expect.objectContaining({ code: "no_task" }));
  });

  it("refuses a context that is none, and keys that a run has of itself", async () => {
    const example = flow("refusing", () => task("t", () => 1)());
    await expect(example.run({ executor, context: [] as never })).rejects.toThrow("context must be an object");
    await expect(example.run({ executor, context: { mapIndex: 3 } })).rejects.toThrow(
      'must not have the key "mapIndex"',
    );
    await expect(example.run({ executor, context: { date: "soon" } })).rejects.toThrow(
      "date in context must be a Date",
    );
  });

  it("follows each call through whatever it starts, however late", async () => {
    const seen: unknown[] = [];
    const left: Promise<unknown>[] = [];
    const leave = task("leave", (x: number) => {
      left.push(sleep(5).then(() => seen.push([x, context.mapIndex])));
      return x;
    });
    await flow("leaving", () => leave.map([0, 1, 2])).run({ executor });
    await Promise.all(left);
    expect(seen).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});

describe("loops", () => {
  it("runs the body again with the result, as often as it likes, with and without promises", async () => {
    const count = task("count", (until: number) => {
      const soFar = (context.taskLoopResult as number | undefined) ?? 0;
      if (soFar < until) throw new LOOP("", { result: soFar + 1 });
      return [soFar, context.taskLoopCount];
    });
    const countLater = task("count-later", async (until: number) => {
      await Promise.resolve();
      const soFar = (context.taskLoopResult as number | undefined) ?? 0;
      if (soFar < until) throw new LOOP("", { result: soFar + 1 });
      return [soFar, context.taskLoopCount];
    });
    const state = await flow("counting", () => [count(100_000), countLater.map([0, 20_000])]).run({ executor });
    expect(state.result).toEqual([
      [100_000, 100_001],
      [
        [0, 1],
        [20_000, 20_001],
      ],
    ]);
  });

  it("begins at the first turn again when a call is made again", async () => {
    const turns: number[] = [];
    const flaky = task(
      "flaky",
      () => {
        turns.push(context.taskLoopCount);
        if (context.taskLoopCount < 3) throw new LOOP();
        if (context.taskRunCount === 1) throw new Error("at the third turn");
        return "done";
      },
      { maxRetries: 1, retryDelay: 0 },
    );
    const state = await flow("looping", () => flaky()).run({ executor });
    expect(state.result).toBe("done");
    expect(turns).toEqual([1, 2, 3, 1, 2, 3]);
  });
});

describe("signals", () => {
  it("SUCCESS is the call's value, for those who follow as well", async () => {
    const early = task("early", (x: number): number => {
      throw new SUCCESS("enough", { result: 10 * x });
    });
    const inc = task("inc", (x: number) => x + 1);
    const state = await flow("early", () => inc.map(early.map([1, 2]))).run({ executor });
    expect(state.result).toEqual([11, 21]);
  });

  it("other signals are the failure's error, as they were thrown", async () => {
    const skip = new SKIP("not today", { result: 5 });
    const skipping = task("skipping", () => {
      throw skip;
    });
    const outcome = await callDirectly(skipping);
    expect(outcome).toBe(skip);
  });
});

/** The error with which an executor hears of the call. */
async function callDirectly(which: ReturnType<typeof task>): Promise<unknown> {
  let told: unknown;
  const spying = new LocalExecutor();
  const submit = spying.submit.bind(spying);
  spying.submit = async (call) => {
    const outcome = await submit(call);
    told = outcome.kind === "failed" ? outcome.error : outcome;
    return outcome;
  };
  await flow("spied", () => (which as unknown as () => unknown)()).run({ executor: spying });
  return told;
}

describe("timeouts", () => {
  /** Hears that they are soft here, where no module defines the tasks. */
  const onEvent = (): void => undefined;

  it("fire the signal, and give up a body that does not listen", async () => {
    let aborted: unknown;
    const endless = task(
      "endless",
      async () => {
        context.signal.addEventListener("abort", () => {
          aborted = context.signal.reason;
        });
        await new Promise(() => undefined);
      },
      { timeout: 20 },
    );
    const state = await flow("slow", () => endless()).run({ executor, onEvent });
    expect(state.error).toMatchObject({ name: "TimeoutError", code: "timed_out" });
    expect(state.error?.message).toBe("Task timed out during execution.");
    expect(aborted).toMatchObject({ code: "timed_out" });
  });

  it("is what a body that listens fails with, whatever it throws or returns then", async () => {
    const obedient = task("obedient", async () => await sleep(60_000, "slept", { signal: context.signal }), {
      timeout: "20ms",
    });
    const rescued = task(
      "rescued",
      async (x: number) => await sleep(60_000, x, { signal: context.signal }).catch(() => -1),
      { timeout: 20 },
    );
    const state = await flow("slow", () => [obedient(), rescued.map([1])]).run({ executor, onEvent });
    expect(state.error).toMatchObject({ code: "timed_out" });
    expect(state.result[0]).toMatchObject({ code: "timed_out" });
    expect(state.result[1]).toEqual([expect.objectContaining({ code: "timed_out" })]);
  });

  it("counts for each turn of a loop on its own", async () => {
    const loop = task(
      "loop",
      async () => {
        await sleep(30);
        if (context.taskLoopCount < 5) throw new LOOP();
        return context.taskLoopCount;
      },
      { timeout: 120 },
    );
    expect((await flow("looping", () => loop()).run({ executor, onEvent })).result).toBe(5);
  });

  it("a body that kept the process busy has timed out afterwards", async () => {
    const busy = task(
      "busy",
      () => {
        for (const until = performance.now() + 40; performance.now() < until;);
        return "late";
      },
      { timeout: 10 },
    );
    const state = await flow("busy", () => busy()).run({ executor, onEvent });
    expect(state.error).toMatchObject({ code: "timed_out" });
  });

  it.each([0, -1, Number.NaN, "soon", "30d"])("refuses %s", (timeout) => {
    expect(() => task("t", () => 1, { timeout })).toThrow('timeout of task "t" must be milliseconds above 0');
  });

  it("cancels with the run as well", async () => {
    const stopping = new AbortController();
    let reason: unknown;
    const waiting = task("waiting", async () => {
      stopping.abort(new Error("enough"));
      reason = context.signal.reason;
      await Promise.resolve();
    });
    const state = await flow("cancelled", () => waiting()).run({ executor, signal: stopping.signal });
    expect(state.kind).toBe("Cancelled");
    expect(reason).toEqual(new Error("enough"));
  });
});

describe("the log", () => {
  it("comes to the observer, with the task's full name, from info up", async () => {
    const { told, onEvent } = lines();
    const speak = task("speak", (x: number) => {
      context.logger.debug("silent");
      context.logger.info("x is %d", x, { more: true });
      context.logger.warn("careful");
      context.logger.error(new Error("bad").message);
    });
    await flow("speaking", () => speak.map([1])).run({ executor, onEvent });
    expect(told.map(({ level, task: who, line }) => [level, who, line])).toEqual([
      ["info", "speak[0]", "x is 1 { more: true }"],
      ["warn", "speak[0]", "careful"],
      ["error", "speak[0]", "bad"],
    ]);
    expect(told[0]?.at).toBeInstanceOf(Date);
  });

  it("has what a task prints, if the task wants that, without blank lines", async () => {
    const { told, onEvent } = lines();
    const print = task("print", () => void process.stdout.write("one\n\n  \ntwo\n"), { logStdout: true });
    const printLater = task(
      "print-later",
      async () => {
        await sleep(1);
        await new Promise<void>((resolve) => process.stdout.write("later\n", () => resolve()));
      },
      { logStdout: true },
    );
    await flow("printing", () => [print(), printLater()]).run({ executor, onEvent });
    expect(told.map(({ task: who, level, line }) => [who, level, line])).toEqual([
      ["print", "info", "one"],
      ["print", "info", "two"],
      ["print-later", "info", "later"],
    ]);
  });
});
