/** Tasks that exist only while their flow is built: workers load modules, and build nothing. */
import { expect, it } from "vitest";
import { FargateExecutor, flow, LocalExecutor, ParallelExecutor, type RunEvent, task } from "../../src/index.ts";

const triple = flow("triple", () => {
  const times3 = task("times3", (x: number) => 3 * x);
  return times3.map([1, 2]);
});

it.each([
  ["FargateExecutor", () => new FargateExecutor()],
  ["ParallelExecutor", () => new ParallelExecutor()],
])("are refused by the %s before it starts anything", async (_name, open) => {
  const told: RunEvent[] = [];
  const run = triple.run({ executor: open(), onEvent: (event) => told.push(event) });
  await expect(run).rejects.toMatchObject({
    code: "task_not_in_bundle",
    message: expect.stringMatching(/"times3" is made inside the builder of flow "triple".*top level/) as string,
  });
  expect(told.map(({ type }) => type)).toEqual(["run-started", "run-finished"]);
});

it("run where they were made", async () => {
  expect((await triple.run({ executor: new LocalExecutor() })).result).toEqual([3, 6]);
});
