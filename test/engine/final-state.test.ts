import { describe, expect, it } from "vitest";
import {
  isCached,
  isFailed,
  isFinished,
  isMapped,
  isPaused,
  isPending,
  isRetrying,
  isRunning,
  isScheduled,
  isSkipped,
  isSuccessful,
  type StateKind,
} from "../../src/flow/state.ts";
import { allFinished } from "../../src/flow/trigger.ts";
import { each, TestGraph } from "./support/test-graph.ts";

const bad = (): never => {
  throw new Error("bad");
};

describe("the final state", () => {
  it("is a success when all reference tasks succeeded", async () => {
    const graph = new TestGraph();
    const one = graph.task("one", () => 1);
    const state = await graph.run({ one: 1 });
    expect(state).toMatchObject({ kind: "Success", message: "All reference tasks succeeded.", error: undefined });
    expect(state.of(one).kind).toBe("Success");
  });

  it("is a failure when one of them failed, and carries the first error of a body", async () => {
    const graph = new TestGraph();
    const first = graph.task("first", bad);
    const refused = graph.task("refused", () => 1, [first]);
    const state = await graph.run(refused);
    expect(state).toMatchObject({ kind: "Failed", message: "Some reference tasks failed.", error: new Error("bad") });
    expect(state.result).toMatchObject({ name: "TriggerFailedError" });
  });

  it("looks at the children of a mapped reference task", async () => {
    const graph = new TestGraph();
    const mapped = graph.map("mapped", (x: number) => (x === 2 ? bad() : x), [each([1, 2, 3])]);
    const state = await graph.run(mapped);
    expect(state.kind).toBe("Failed");
    expect(state.result).toEqual([1, new Error("bad"), 3]);
    expect(state.of(mapped).kind).toBe("Mapped");
  });

  it("is a success when what failed is no reference task", async () => {
    const graph = new TestGraph();
    const failing = graph.task("failing", bad);
    const clean = graph.task("clean", () => "clean", [failing], { trigger: allFinished });
    const state = await graph.run([failing, clean]);
    expect(state).toMatchObject({ kind: "Success", error: undefined });
    expect(state.result).toEqual([new Error("bad"), "clean"]);
    expect((await graph.run(clean, { references: [failing] })).kind).toBe("Failed");
  });

  it("holds what the builder returned, with handles replaced wherever they are", async () => {
    const graph = new TestGraph();
    const one = graph.task("one", () => 1);
    const many = graph.map("many", (x: number) => x * 2, [each([1, 2])]);
    expect((await graph.run([one, [many, "text"]])).result).toEqual([1, [[2, 4], "text"]]);
    expect((await graph.run(undefined)).result).toBeUndefined();
  });

  it("of a flow without tasks is a success", async () => {
    expect(await new TestGraph().run(5)).toMatchObject({ kind: "Success", result: 5 });
  });

  it("refuses handles that are not of its flow", async () => {
    const graph = new TestGraph();
    const one = graph.task("one", () => 1);
    const state = await graph.run(one);
    expect(() => state.of({ node: 7 })).toThrow('state.of needs a handle of flow "test", got one of node 7');
    expect(() => state.of({ nodeIn: () => undefined })).toThrow("got one of another flow");
    expect(state.of({ nodeIn: () => 0 }).kind).toBe("Success");
  });

  it("has the states of children one by one, counted and from the end", async () => {
    const graph = new TestGraph();
    const mapped = graph.map("mapped", (x: number) => (x === 2 ? bad() : x), [each([1, 2, 3])]);
    const state = (await graph.run(mapped)).of(mapped);
    if (state.kind !== "Mapped") throw new Error("not mapped");
    const { mapStates } = state;
    expect(mapStates.length).toBe(3);
    expect(mapStates.counts).toEqual({ Success: 2, Failed: 1 });
    expect(mapStates.at(-1)).toMatchObject({ kind: "Success", result: 3 });
    expect(mapStates.at(1)).toMatchObject({ kind: "Failed", message: "Error during execution of task: Error: bad" });
    expect([mapStates.at(3), mapStates.at(-4), mapStates.at(0.5)]).toEqual([undefined, undefined, undefined]);
    expect([...mapStates].map(({ kind }) => kind)).toEqual(["Success", "Failed", "Success"]);
  });
});

describe("the predicates follow Prefect's tree of states", () => {
  const waiting = ["Pending", "Scheduled", "Retrying", "Paused"] as const;
  const successful = ["Success", "Cached", "Mapped", "Skipped"] as const;
  const failures = ["Failed", "TimedOut", "TriggerFailed", "ValidationFailed"] as const;
  const kinds = [...waiting, "Running", ...successful, ...failures, "Cancelled"] as const;
  it.each([
    ["isPending", isPending, waiting],
    ["isScheduled", isScheduled, ["Scheduled", "Retrying", "Paused"]],
    ["isRetrying", isRetrying, ["Retrying"]],
    ["isPaused", isPaused, ["Paused"]],
    ["isRunning", isRunning, ["Running"]],
    ["isFinished", isFinished, [...successful, ...failures, "Cancelled"]],
    ["isSuccessful", isSuccessful, successful],
    ["isFailed", isFailed, failures],
    ["isCached", isCached, ["Cached"]],
    ["isSkipped", isSkipped, ["Skipped"]],
    ["isMapped", isMapped, ["Mapped"]],
  ])("%s", (_, predicate: (state: { kind: StateKind | "Scheduled" }) => boolean, expected) => {
    expect(kinds.filter((kind) => predicate({ kind }))).toEqual(expected);
  });
});
