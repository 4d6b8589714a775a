import { describe, expect, it } from "vitest";
import type { Executor } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import type { FlowOptions } from "../../src/flow/flow-options.ts";
import type { TaskStateHandler } from "../../src/flow/handlers.ts";
import { failed, paused, skipped, success } from "../../src/flow/make-states.ts";
import { FAIL, SKIP } from "../../src/flow/signals.ts";
import { isFailed, isRunning } from "../../src/flow/state.ts";
import { task } from "../../src/flow/task.ts";
import { allFinished, anyFailed } from "../../src/flow/trigger.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { ScatteringExecutor } from "./support/scattering-executor.ts";
import { world } from "./support/test-flow.ts";

const keeping = (fuses: boolean): Executor => new ScatteringExecutor({ random: () => 0.4, keeps: true, fuses });
const executors: [string, () => Executor][] = [
  ["LocalExecutor", () => new LocalExecutor()],
  ["an executor that runs several at once", () => new CustomExecutor(4)],
  ["an executor that keeps results", () => keeping(false)],
  ["an executor that keeps results and fuses", () => keeping(true)],
];

/** Notes every change. */
function log() {
  const changes: string[] = [];
  const handler: TaskStateHandler = (subject, from, to) => {
    changes.push(`${subject.name} ${from.kind} -> ${to.kind}`);
  };
  return { changes, handler };
}

const flaky = (times: number) => {
  let begun = 0;
  return () => {
    begun += 1;
    if (begun <= times) throw new Error(`failure ${String(begun)}`);
    return 10;
  };
};
const next = task("next", (x: number) => x + 1);
const collect = task("collect", (xs: readonly unknown[]) => xs, { trigger: allFinished, skipOnUpstreamSkip: false });

describe("a task's state handlers", () => {
  it.each(executors)("are told of every change, attempts and retries included: %s", async (_, make) => {
    const { flow } = world(make());
    const { changes, handler } = log();
    const failures: string[] = [];
    const work = task("work", flaky(1), {
      maxRetries: 1,
      retryDelay: 0,
      stateHandlers: [handler],
      onFailure: (subject, state) => failures.push(`${subject.name}: ${state.message}`),
    });
    const state = await flow("f", () => next(work())).run();
    expect(state.result).toBe(11);
    expect(changes).toEqual([
      "work Pending -> Running",
      "work Running -> Failed",
      "work Failed -> Retrying",
      "work Retrying -> Running",
      "work Running -> Success",
    ]);
    expect(failures).toEqual(["work: Error during execution of task: Error: failure 1"]);
  });

  it.each(executors)("of a mapped task are told of the parent once, and of each child: %s", async (_, make) => {
    const { flow } = world(make());
    const { changes, handler } = log();
    const begun = new Set<number>();
    const body = (x: number) => {
      if (x === 1 && !begun.has(x)) {
        begun.add(x);
        throw new Error("once");
      }
      return x * 2;
    };
    const work = task("work", body, { maxRetries: 1, retryDelay: 0, stateHandlers: [handler] });
    const state = await flow("f", () => next.map(work.map(next.map([-1, 0, 1])))).run();
    expect(state.result).toEqual([1, 3, 5]);
    expect(changes.sort()).toEqual(
      [
        "work Pending -> Mapped",
        ...[0, 1, 2].flatMap((i) => [`work[${String(i)}] Pending -> Running`, `work[${String(i)}] Running -> Success`]),
        "work[1] Failed -> Retrying",
        "work[1] Retrying -> Running",
        "work[1] Running -> Failed",
      ].sort(),
    );
  });

  it.each(executors)("may rescue, and what they give is what follows gets: %s", async (_, make) => {
    const { flow } = world(make());
    const rescue: TaskStateHandler = (_task, _old, state) => (isFailed(state) ? success(7, "rescued") : undefined);
    const body = (x: number) => {
      if (x % 2 === 1) throw new Error("odd");
      return x;
    };
    const work = task("work", body, { stateHandlers: [rescue] });
    const state = await flow("f", () => [
      next(work(1)),
      next.map(work.map([0, 1, 2, 3])),
      collect(work.map([0, 1])),
    ]).run();
    expect(state.result).toEqual([8, [1, 8, 3, 8], [0, 7]]);
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Success", message: "rescued", result: 7 });
  });

  it.each(executors)("see values, wherever they are kept, and may refuse them: %s", async (_, make) => {
    const { flow } = world(make());
    const refuse: TaskStateHandler = (_task, _old, state) =>
      state.kind === "Success" && state.result === 4 ? failed("four is too much", { result: "refused" }) : undefined;
    const work = task("work", (x: number) => x * 2, { stateHandlers: [refuse] });
    const state = await flow("f", () => [collect(work.map([1, 2, 3])), next(work(2))]).run();
    expect(state.result).toEqual([[2, "refused", 6], expect.any(Error)]);
    expect(state.of({ node: 2 })).toMatchObject({ kind: "Failed", message: "four is too much", attempts: 1 });
  });

  it.each(executors)("are called in their order, each with what the one before made of it: %s", async (_, make) => {
    const { flow } = world(make());
    const seen: unknown[] = [];
    const add: TaskStateHandler = async (_task, _old, state) => {
      if (state.kind !== "Success") return undefined;
      seen.push(state.result);
      return await Promise.resolve(success((state.result as number) + 1));
    };
    const work = task("work", () => 1, { stateHandlers: [add, add, () => undefined, add] });
    expect((await flow("f", () => work()).run()).result).toBe(4);
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each(executors)("that throw end the run of the task, without a retry: %s", async (_, make) => {
    const { flow } = world(make());
    let ran = 0;
    const body = (x: number) => (ran += x);
    const broken: TaskStateHandler = (_task, _old, state) => {
      if (isRunning(state)) throw new TypeError("broken handler");
    };
    const work = task("work", body, { maxRetries: 3, retryDelay: 0, stateHandlers: [broken] });
    const state = await flow("f", () => [work(1), collect(work.map([1, 2]))]).run();
    expect(state.of({ node: 0 })).toMatchObject({
      kind: "Failed",
      message: "Unexpected error while calling state handlers: TypeError: broken handler",
      attempts: 0,
    });
    expect(ran).toBe(0);
  });

  it("that throw a signal make the state that it asks for", async () => {
    const { flow } = world();
    const handler: TaskStateHandler = (subject, _old, state) => {
      if (isRunning(state)) throw subject.mapIndex === 1 ? new SKIP("not this one") : new FAIL("no");
    };
    const work = task("work", (x: number) => x, { stateHandlers: [handler], maxRetries: 1, retryDelay: 0 });
    const state = await flow("f", () => [work.map([1, 2]), work(1)]).run();
    const mapped = state.of({ node: 0 });
    expect(mapped.kind === "Mapped" && [...mapped.mapStates].map(({ kind, message }) => [kind, message])).toEqual([
      ["Failed", "no"],
      ["Skipped", "not this one"],
    ]);
    expect(state.of({ node: 1 })).toMatchObject({ kind: "Failed", message: "no" });
  });

  it("are told of what is skipped or refused, and may rescue that as well", async () => {
    const { flow } = world();
    const { changes, handler } = log();
    const failures: string[] = [];
    const rescue: TaskStateHandler = (_task, _old, state) => (state.kind === "Skipped" ? success(1) : undefined);
    const skip = task("skip", (): number => {
      throw new SKIP();
    });
    const refused = task("refused", (x: number) => x, {
      trigger: anyFailed,
      stateHandlers: [handler],
      onFailure: ({ name }) => failures.push(name),
    });
    const saved = task("saved", (x: number) => x, { stateHandlers: [handler, rescue] });
    const state = await flow("f", () => [
      refused(next(1)),
      refused.map(next.map([1])),
      saved(skip()),
      saved.map([skip()]),
    ]).run();
    expect(changes.sort()).toEqual([
      "refused Pending -> Mapped",
      "refused Pending -> TriggerFailed",
      "refused[0] Pending -> TriggerFailed",
      "saved Pending -> Mapped",
      "saved Pending -> Skipped",
      "saved[0] Pending -> Skipped",
    ]);
    expect(failures.sort()).toEqual(["refused", "refused[0]"]);
    expect(state.result.slice(2)).toEqual([1, [1]]);
  });

  it("may skip, and pause until somebody says yes", async () => {
    const { flow } = world();
    let asked = 0;
    const ask: TaskStateHandler = (_task, old, state) =>
      isRunning(state) && old.kind === "Pending" ? paused("sure?") : undefined;
    const work = task("work", (x: number) => x, { stateHandlers: [ask] });
    const none = task("none", (x: number) => x, { stateHandlers: [(_t, _o, s) => (isRunning(s) ? skipped("no") : s)] });
    const state = await flow("f", () => [work(1), work.map([1, 2]), none(1)]).run({
      onPause: () => {
        asked += 1;
        return true;
      },
    });
    expect([state.result, asked]).toEqual([[1, [1, 2], null], 3]);
  });

  it("keep an unchanged value where its executor has it", async () => {
    const { flow } = world(keeping(true));
    const work = task("work", (x: number) => x, { stateHandlers: [() => undefined] });
    const state = await flow("f", () => collect(next.map(work.map([1, 2])))).run();
    expect(() => state.of({ node: 0 }).result).toThrow("the result stayed where the task ran");
  });

  it.each([
    ["no list", { stateHandlers: () => undefined }],
    ["no functions", { stateHandlers: [1] }],
    ["no function", { onFailure: "mail" }],
    ["tags that are no list", { tags: "nightly" }],
  ])("are refused when they are %s", (_, options) => {
    expect(() => task("work", () => 1, options as object)).toThrow(/of task "work" must be/);
  });
});

describe("a flow's handlers", () => {
  const fine = task("fine", () => 1);
  const broken = task("broken", (): number => {
    throw new Error("bad");
  });

  it("see the run begin and end", async () => {
    const { flow } = world();
    const changes: string[] = [];
    const failures: string[] = [];
    const options: FlowOptions = {
      stateHandlers: [(run, from, to) => void changes.push(`${run.name} ${from.kind} -> ${to.kind}`)],
      onFailure: (_run, { message }) => failures.push(message),
    };
    await flow("good", { ...options, parameters: undefined }, () => fine()).run();
    await flow("bad", { ...options, parameters: undefined }, () => broken()).run();
    expect(changes).toEqual([
      "good Scheduled -> Running",
      "good Running -> Success",
      "bad Scheduled -> Running",
      "bad Running -> Failed",
    ]);
    expect(failures).toEqual(["Some reference tasks failed."]);
  });

  it("may change how the run ends; the tasks' states stay", async () => {
    const { flow } = world();
    const state = await flow(
      "f",
      {
        terminalStateHandler: (_run, state, references) =>
          references.every(isFailed) ? { ...success(undefined, "as expected") } : state,
      },
      () => broken(),
    ).run();
    expect(state).toMatchObject({ kind: "Success", message: "as expected", error: undefined });
    expect(state.of({ node: 0 }).kind).toBe("Failed");
  });

  it("that throw fail the run, before it begins or at its end, and the map of tasks stays", async () => {
    const { flow } = world();
    const boom = () => {
      throw new Error("boom");
    };
    const before = await flow("f", { stateHandlers: [boom] }, () => fine()).run();
    expect(before).toMatchObject({
      kind: "Failed",
      message: "Unexpected error while calling state handlers: Error: boom",
    });
    expect(before.of({ node: 0 })).toMatchObject({ kind: "Pending", message: "Task not run." });
    const after = await flow("f", { terminalStateHandler: boom }, () => fine()).run();
    expect(after).toMatchObject({
      kind: "Failed",
      message: "Unexpected error: Error: boom",
      error: { message: "boom" },
    });
    expect(after.of({ node: 0 })).toMatchObject({ kind: "Success", result: 1 });
  });
});

describe("one use of a task", () => {
  it("may have options and a name of its own", async () => {
    const { flow } = world();
    const seen: string[] = [];
    const work = task("work", flaky(1), { tags: ["b", "a", "b"] });
    const handler: TaskStateHandler = ({ name, slug, tags }) => void seen.push([name, slug, ...tags].join(" "));
    const example = flow("f", () => [
      work.with({ name: "first", maxRetries: 1, retryDelay: 0, tags: [] })(),
      work.with({ stateHandlers: [handler] })(),
      work(),
    ]);
    const state = await example.run();
    expect(state.result).toEqual([10, 10, 10]);
    expect(example.graph.nodes.map(({ slug }) => slug)).toEqual(["first-1", "work-a-b-1", "work-a-b-2"]);
    expect(new Set(seen)).toEqual(new Set(["work work-a-b-1 a b"]));
    expect(() => work.with({ retries: 1 } as object)).toThrow('task "work".with has no option "retries"');
  });
});
