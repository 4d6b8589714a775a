import { expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { branches, resource } from "./flows/control.ts";

const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 2 } });

it("a branch is taken on workers, and the others are skipped", async () => {
  const state = await branches.run({ parameters: { n: 4 }, executor });
  expect(state).toMatchObject({ kind: "Success", result: { merged: 2, never: null } });
  expect(state.report?.chunks).toBe(2); // what the user wrote; comparing and merging is the driver's
});

it("a resource is set up, used and cleaned up by workers", async () => {
  const state = await resource.run({ executor });
  expect(state).toMatchObject({ kind: "Success", result: "plain 1" });
  expect(state.report?.chunks).toBe(4);
});
