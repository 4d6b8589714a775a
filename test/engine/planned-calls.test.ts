/** What the engine tells its executor of calls that are still to come. */
import { describe, expect, it } from "vitest";
import type { Executor, PlannedCalls, RunContext } from "../../src/executors/executor.ts";
import { CustomExecutor } from "./support/custom-executor.ts";
import { each, TestGraph } from "./support/test-graph.ts";

/** Asks before each call and each batch. */
function asking() {
  const told: (readonly PlannedCalls[] | undefined)[] = [];
  const inner = new CustomExecutor(1);
  let planned: RunContext["planned"];
  const executor: Executor = {
    start: (run) => {
      ({ planned } = run);
      return inner.start();
    },
    submit: (call) => {
      told.push(planned?.());
      return inner.submit(call);
    },
    map: (batch, settle) => {
      told.push(planned?.());
      return inner.map(batch, settle);
    },
    wait: inner.wait,
  };
  return { executor, told };
}

describe("what is planned", () => {
  it("are the calls that wait, with what they wait for, until they are handed over", async () => {
    const graph = new TestGraph();
    const list = graph.task("list", () => [1, 2, 3]);
    const double = graph.map("double", (x: number) => x * 2, [each(list)]);
    const sum = graph.task("sum", (xs: readonly number[]) => xs.length, [double]);
    const { executor, told } = asking();
    await graph.run(sum, { executor });
    expect(told).toEqual([
      [
        { slug: "double-1", calls: undefined, after: ["list-0"] },
        { slug: "sum-2", calls: 1, after: ["double-1"] },
      ],
      [{ slug: "sum-2", calls: 1, after: ["double-1"] }],
      [],
    ]);
  });
});
