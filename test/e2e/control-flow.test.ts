import { expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { branches, mapped, resource } from "./flows/control.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 2 } });

it("a branch is taken on workers, and the others are skipped", async () => {
  const state = await branches.run({ parameters: { n: 4 }, executor });
  expect(state).toMatchObject({ kind: "Success", result: { merged: 2, never: null } });
  expect(state.report?.chunks).toBe(2); // what the user wrote; comparing and merging is the driver's
});

it("a mapped part of a flow takes a branch for each child", async () => {
  const state = await mapped.run({ executor });
  expect(state).toMatchObject({ kind: "Success" });
  expect(state.result).toEqual({
    merged: [11, 1, 13, 2],
    told: [null, "plain 7", null, "plain 7"],
    total: 27,
    good: [2, 3],
  });
});

it("a resource is set up, used and cleaned up by workers", async () => {
  const state = await resource.run({ executor });
  expect(state).toMatchObject({ kind: "Success", result: "plain 1" });
  expect(state.report?.chunks).toBe(4);
});
