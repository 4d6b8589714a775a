import { describe, expect, it } from "vitest";
import {
  allFailed,
  allFinished,
  allSuccessful,
  anyFailed,
  anySuccessful,
  notAllSkipped,
  someSuccessful,
  type Trigger,
} from "../../src/flow/trigger.ts";
import { each, type Ref, TestGraph } from "./support/test-graph.ts";

const ok = (): string => "ok";
const bad = (): never => {
  throw new RangeError("bad");
};
const skipping: Trigger = { name: "skipping", skips: () => true, test: () => true, message: "" };

/** A node that ends skipped: its trigger sees to it. */
function skipped(graph: TestGraph): Ref {
  return graph.task("skipped", ok, [graph.task("before", ok)], { trigger: skipping, skipOnUpstreamSkip: false });
}

describe("a task", () => {
  it("whose body throws is failed, with the error's words", async () => {
    const graph = new TestGraph();
    const failing = graph.task("failing", bad);
    const state = (await graph.run(failing)).of(failing);
    expect(state).toMatchObject({ kind: "Failed", message: "Error during execution of task: RangeError: bad" });
    expect(state.result).toBeInstanceOf(RangeError);
  });

  it("that throws what is no error is failed with an error of it", async () => {
    const graph = new TestGraph();
    const thenable = {
      then: (_: unknown, reject: (reason: unknown) => void) => {
        reject("just words");
      },
    };
    const failing = graph.task("failing", () => thenable);
    expect((await graph.run(failing)).error).toEqual(new Error("just words"));
  });

  it("that returns a promise succeeds with its value", async () => {
    const graph = new TestGraph();
    const later = graph.task("later", () => Promise.resolve(7));
    expect((await graph.run(later)).of(later)).toMatchObject({
      kind: "Success",
      message: "Task run succeeded.",
      result: 7,
    });
  });

  it("is called as a method of itself", async () => {
    const graph = new TestGraph();
    const run = function (this: { readonly name: string }): string {
      return this.name;
    };
    expect((await graph.run([graph.task("plain", run), graph.map("mapped", run, [each([1])])])).result).toEqual([
      "plain",
      ["mapped"],
    ]);
  });
});

describe("the trigger", () => {
  it.each([
    [allSuccessful, [ok, ok], "Success"],
    [allSuccessful, [ok, bad], "TriggerFailed"],
    [allFailed, [bad, bad], "Success"],
    [allFailed, [ok, bad], "TriggerFailed"],
    [anySuccessful, [ok, bad], "Success"],
    [anySuccessful, [bad, bad], "TriggerFailed"],
    [anyFailed, [ok, bad], "Success"],
    [anyFailed, [ok, ok], "TriggerFailed"],
    [allFinished, [bad, bad], "Success"],
    [someSuccessful({ atLeast: 0.5 }), [ok, bad], "Success"],
    [someSuccessful({ atLeast: 2 }), [ok, bad], "TriggerFailed"],
  ])("$name decides", async (trigger, upstream, kind) => {
    const graph = new TestGraph();
    const refs = upstream.map((run) => graph.task("up", run));
    const task = graph.task("task", ok, [refs], { trigger });
    const state = (await graph.run(task)).of(task);
    expect(state.kind).toBe(kind);
    if (kind === "TriggerFailed") expect(state.message).toBe(trigger.message);
  });

  it("is not asked where there are no upstreams", async () => {
    const graph = new TestGraph();
    const plain = graph.task("plain", ok, [1], { trigger: anyFailed });
    const mapped = graph.map("mapped", ok, [each([1])], { trigger: anyFailed });
    expect((await graph.run([plain, mapped])).result).toEqual(["ok", ["ok"]]);
  });

  it("sees the children of a mapped upstream, not their parent", async () => {
    const graph = new TestGraph();
    const children = graph.map("children", (x: number) => (x > 1 ? bad() : x), [each([1, 2, 3])]);
    const counts: unknown[] = [];
    const trigger = { ...allFinished, test: (seen: unknown) => counts.push(seen) > 0 };
    await graph.run(graph.task("reduce", ok, [children], { trigger }));
    expect(counts).toEqual([{ total: 3, successful: 1, failed: 2, skipped: 0 }]);
  });

  it.each([
    [allSuccessful, "Success"],
    [allFailed, "Success"],
    [anySuccessful, "TriggerFailed"],
    [anyFailed, "TriggerFailed"],
    [someSuccessful({ atLeast: 1 }), "TriggerFailed"],
    [notAllSkipped, "Skipped"],
  ])("$name of a reduced empty map ends as in Prefect", async (trigger, kind) => {
    const graph = new TestGraph();
    const none = graph.map("none", ok, [each([])]);
    const reduce = graph.task("reduce", ok, [none], { trigger, skipOnUpstreamSkip: false });
    expect((await graph.run(reduce)).of(reduce).kind).toBe(kind);
  });

  it("counts an upstream once, however often its result is used", async () => {
    const graph = new TestGraph();
    const one = graph.task("one", ok);
    const other = graph.task("other", bad);
    const task = graph.task("task", ok, [one, one, [one]], {
      trigger: someSuccessful({ atMost: 1 }),
      after: [one, other],
    });
    expect((await graph.run(task)).of(task).kind).toBe("Success");
  });

  it("counts trigger-failed upstreams as failed", async () => {
    const graph = new TestGraph();
    const refused = graph.task("refused", ok, [graph.task("bad", bad)]);
    const task = graph.task("task", ok, [refused], { trigger: allFailed });
    expect((await graph.run(task)).of(task).kind).toBe("Success");
  });

  it("that throws fails the call, with the error as the cause", async () => {
    const graph = new TestGraph();
    const trigger = {
      ...allFinished,
      test: () => {
        throw new TypeError("odd");
      },
    };
    const up = graph.task("up", () => [1]);
    const plain = graph.task("plain", ok, [up], { trigger });
    const mapped = graph.map("mapped", ok, [each(up)], { trigger });
    const state = await graph.run([plain, mapped]);
    const message = "Unexpected error while checking task trigger: TypeError: odd";
    expect(state.of(plain)).toMatchObject({ kind: "TriggerFailed", message, error: { cause: new TypeError("odd") } });
    const seen = state.of(mapped);
    expect(seen.kind === "Mapped" && seen.mapStates.at(0)).toMatchObject({ kind: "TriggerFailed", message });
  });

  it("waits for tasks that give no argument", async () => {
    const order: string[] = [];
    const graph = new TestGraph();
    const slow = graph.task("slow", () => {
      order.push("slow");
      return bad();
    });
    const after = graph.task("after", () => order.push("after"), [], { after: [slow], trigger: allFinished });
    expect((await graph.run(after)).of(after).kind).toBe("Success");
    expect(order).toEqual(["slow", "after"]);
  });
});

describe("skipping", () => {
  it("goes downstream, before the trigger is asked", async () => {
    const graph = new TestGraph();
    const skip = skipped(graph);
    const next = graph.task("next", ok, [skip, graph.task("bad", bad)]);
    const state = (await graph.run(next)).of(next);
    expect(state).toMatchObject({ kind: "Skipped", result: null });
    expect(state.message).toContain("Upstream task was skipped; if this was not the intended behavior");
  });

  it("stops at a task that does not skip with its upstreams: it gets null", async () => {
    const graph = new TestGraph();
    const next = graph.task("next", (x: unknown) => [x], [skipped(graph)], { skipOnUpstreamSkip: false });
    expect((await graph.run(next)).result).toEqual([null]);
  });

  it("of an unmapped or plain upstream leaves a mapped task without children", async () => {
    const graph = new TestGraph();
    const skip = skipped(graph);
    const over = graph.map("over", ok, [each(skip)]);
    const beside = graph.map("beside", ok, [each([1]), skip]);
    const behind = graph.map("behind", ok, [each(over)]);
    const state = await graph.run([over, beside, behind]);
    for (const ref of [over, beside, behind]) expect(state.of(ref).kind).toBe("Skipped");
  });

  it("of one child goes to the same child only, and skips what reduces it", async () => {
    const graph = new TestGraph();
    const first = graph.map("first", (x: number) => (x === 2 ? bad() : x), [each([1, 2])]);
    const trigger = { ...allFinished, skips: ({ failed }: { failed: number }) => failed > 0 };
    const second = graph.map("second", ok, [each(first)], { trigger });
    const third = graph.map("third", ok, [each(second)]);
    const reduce = graph.task("reduce", ok, [second]);
    const state = await graph.run([third, reduce]);
    const seen = state.of(third);
    expect(seen.kind === "Mapped" && [...seen.mapStates].map(({ kind }) => kind)).toEqual(["Success", "Skipped"]);
    expect(seen.result).toEqual(["ok", null]);
    expect(state.of(reduce).kind).toBe("Skipped");
  });

  it("by the trigger itself says so", async () => {
    const graph = new TestGraph();
    const merge = graph.task("merge", ok, [skipped(graph)], { trigger: notAllSkipped, skipOnUpstreamSkip: false });
    expect((await graph.run(merge)).of(merge).message).toBe(
      'Trigger was "not_all_skipped" but all of the upstream tasks were skipped.',
    );
  });
});
