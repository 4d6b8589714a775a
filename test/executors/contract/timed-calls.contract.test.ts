/** The LocalExecutor's calls with a timeout: in a thread where that can be, else here, and then it says so. */
import { expect, it } from "vitest";
import { flow, type FlowState, LocalExecutor, type RunEvent, task, unmapped } from "../../../src/index.ts";
import { timedInOrder, timedLookUp, timedMembers, timedWhereabouts } from "./flows.ts";

const executor = new LocalExecutor();

/** Runs a flow, and gives the warnings. */
async function warningsOf(run: (onEvent: (event: RunEvent) => void) => Promise<FlowState>) {
  const warnings: string[] = [];
  const state = await run((event) => {
    if (event.type === "executor" && event.event.kind === "warning") warnings.push(event.event.message);
  });
  return { state, warnings };
}

it("they are made in one thread of this process", async () => {
  const { state, warnings } = await warningsOf((onEvent) => timedWhereabouts.run({ executor, onEvent }));
  const [one, ...others] = state.result as { readonly pid: number; readonly threadId: number }[];
  expect(one?.pid).toBe(process.pid);
  expect(one?.threadId).toBeGreaterThan(0);
  expect(others).toEqual([one, one, one]);
  expect(warnings).toEqual([]);
});

it("they keep their place in the order of the flow", async () => {
  const told: string[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.type === "log") told.push(event.line);
  };
  await timedInOrder.run({ executor, onEvent });
  expect(told).toEqual(["here 1", "timed 2", "timed 3", "here 4", "timed 5"]);
});

it("their timeouts are soft, as is said once, when no module defines their tasks", async () => {
  const members: number[] = [];
  const hidden = task("hidden", (x: number) => members.push(x), { timeout: "1m" });
  const inside = flow("timed-inside", () => [hidden.map([1, 2, 3]), hidden(4)]);
  const { state, warnings } = await warningsOf((onEvent) => inside.run({ executor, onEvent }));
  expect(state.result).toEqual([[1, 2, 3], 4]);
  expect(members).toEqual([1, 2, 3, 4]);
  expect(warnings).toEqual([expect.stringMatching(/^the timeouts of some tasks are soft, .*a thread of their own/)]);
});

it("and so they are when an argument that they share cannot travel", async () => {
  const { state, warnings } = await warningsOf((onEvent) => timedMembers(unmapped(() => 7)).run({ executor, onEvent }));
  expect(state.result).toEqual([7, 7]);
  expect(warnings).toEqual([expect.stringContaining("argument 1 of task call-it cannot travel")]);
});

it("they get what other tasks have left in this process, and give what these can use", async () => {
  expect((await timedLookUp.run({ executor })).result).toEqual([20, 40, 80]);
});
