/** Runs that end before any task was run. */
import { describe, expect, it } from "vitest";
import type { Executor } from "../../src/executors/executor.ts";
import { LocalExecutor } from "../../src/executors/local-executor.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import { task } from "../../src/flow/task.ts";
import { flowWith } from "./support/test-flow.ts";

describe("an executor that cannot start", () => {
  const broken: Executor = Object.assign(new LocalExecutor(), {
    start: () => Promise.reject(new Error("no capacity")),
  });

  it("rejects the run, and whoever watches the flow hears of it", async () => {
    const heard: string[] = [];
    const flow = flowWith();
    const onFailure = (_flow: unknown, { message }: { readonly message: string }) =>
      heard.push(`onFailure: ${message}`);
    const example = flow("f", { onFailure }, () => task("t", () => 1)());
    const onEvent = (event: RunEvent): void => void heard.push(event.type);
    await expect(example.run({ executor: broken, onEvent })).rejects.toThrow("no capacity");
    expect(heard).toEqual(["run-started", "onFailure: Unexpected error: Error: no capacity", "run-finished"]);
  });
});

describe("a run that ends before its tasks were run", () => {
  const flow = flowWith();
  const one = task("one", () => 1);

  it("has the map of its tasks all the same: cancelled before it began", async () => {
    const state = await flow("f", () => one()).run({ signal: AbortSignal.abort() });
    expect(state.kind).toBe("Cancelled");
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Pending", message: "Task not run.", attempts: 0 });
  });

  it("has the map of its tasks all the same: ended by a handler", async () => {
    const stateHandlers = [
      () => {
        throw new Error("not today");
      },
    ];
    const state = await flow("f", { stateHandlers }, () => one()).run();
    expect(state).toMatchObject({ kind: "Failed", error: { message: "not today" } });
    expect(state.of({ node: 0 })).toMatchObject({ kind: "Pending", message: "Task not run." });
  });
});
