import { describe, expect, it } from "vitest";
import { type Ending, failing, type Refusals } from "../../src/engine/call-state.ts";
import { ChildStates } from "../../src/engine/child-states.ts";
import { SKIP } from "../../src/flow/signals.ts";
import { task } from "../../src/flow/task.ts";
import { EagerClock } from "./support/eager-clock.ts";
import { flowWith } from "./support/test-flow.ts";
import { each, type Ref, TestGraph } from "./support/test-graph.ts";

describe("large graphs", () => {
  it("runs a chain of 20,000 tasks, also when its first one fails: nothing recurses", async () => {
    const graph = new TestGraph();
    let last = graph.task("first", () => {
      throw new Error("at the very start");
    });
    for (let depth = 1; depth < 20_000; depth += 1) last = graph.task("next", (x: number) => x, [last]);
    const state = await graph.run(last);
    expect(state.of(last).kind).toBe("TriggerFailed");
    expect(state.error?.message).toBe("at the very start");
  });

  it("skips through a chain of 5,000 maps", async () => {
    const graph = new TestGraph();
    let last: Ref = graph.task("nothing", () => 5);
    for (let depth = 0; depth < 5_000; depth += 1) last = graph.map("next", (x: number) => x, [each(last)]);
    expect((await graph.run(last)).of(last)).toMatchObject({ message: "No upstream states can be mapped over." });
  });

  it("maps a hundred thousand children whose failures come one by one", async () => {
    const graph = new TestGraph();
    const xs = Array.from({ length: 100_000 }, (_, i) => i);
    const odd = (x: number): number => {
      if (x % 2 === 1) throw new Error("odd");
      return x;
    };
    const first = graph.map("first", odd, [each(xs)]);
    const second = graph.map("second", (x: number) => x, [each(first)]);
    const state = (await graph.run(second)).of(second);
    expect(state.kind === "Mapped" && state.mapStates.counts).toEqual({ Success: 50_000, TriggerFailed: 50_000 });
  });
});

describe("a hundred thousand children with retries, signals and a trigger of the user's", () => {
  it("are begun as often as they must be, and the trigger is asked at most once for each child", async () => {
    const xs = Array.from({ length: 100_000 }, (_, i) => i);
    const begun = new Uint8Array(xs.length);
    let asked = 0;
    const flow = flowWith({ clock: new EagerClock() });
    const work = task(
      "work",
      (x: number) => {
        const count = (begun[x] = (begun[x] ?? 0) + 1);
        if (x % 4 === 0 && count < 3) throw new Error("again");
        if (x % 4 === 1) throw new SKIP("not this one");
        return x;
      },
      { maxRetries: 2, retryDelay: 0 },
    );
    const next = task("next", (x: number | null) => x, {
      skipOnUpstreamSkip: false,
      trigger: { name: "mine", message: "no", test: () => (asked += 1) > 0 },
    });
    const state = await flow("f", () => next.map(work.map(xs))).run();
    const first = state.of({ node: 0 });
    expect(first.kind === "Mapped" && first.mapStates.counts).toEqual({ Success: 75_000, Skipped: 25_000 });
    expect(begun.every((count, x) => count === (x % 4 === 0 ? 3 : 1))).toBe(true);
    expect(asked).toBeLessThanOrEqual(100_000);
    expect(state.of({ node: 1 }).result).toHaveLength(100_000);
  });
});

describe("a mapped task's states", () => {
  const refusals: Refusals = {
    skipped: { kind: "Skipped", message: "upstream", value: null },
    triggerFailed: failing("TriggerFailed", "refused", new Error("refused")),
  };

  it("share one ending among all children that the trigger refused", () => {
    const children = new ChildStates(3, refusals, { now: () => 0 });
    const own = failing("TriggerFailed", "its own", new Error("its own"));
    children.put(0, refusals.triggerFailed, 0);
    children.put(2, own, 0);
    expect([0, 1, 2].map((index) => children.endingAt(index))).toEqual([refusals.triggerFailed, undefined, own]);
  });

  it("cover a range by the slices that were settled", () => {
    const children = new ChildStates(4, refusals, { now: () => 0 });
    const judge = (_: number, error: Error): Ending => failing("Failed", "", error);
    children.begin({ start: 0, end: 4 });
    expect(children.slices({ start: 0, end: 4 })).toEqual([]);
    children.settle({ range: { start: 1, end: 3 }, values: ["b", "c"], failures: new Map() }, { judge });
    expect(children.slices({ start: 1, end: 3 })).toMatchObject([{ range: { start: 0, end: 4 } }]);
    expect(children.valueAt(2)).toBe("c");
    expect(children.count(2)).toBe(2);
  });
});
