import { expect, it } from "vitest";
import { FargateExecutor } from "../../src/index.ts";
import { imperative, retried } from "./flows/imperative.ts";

// One slot: a call's second attempt meets the memory of its first.
const executor = new FargateExecutor({ clusterKwargs: { nWorkers: 1, threadsPerWorker: 1 } });

it("a flow in the imperative spelling runs on workers", async () => {
  const state = await imperative.run({ parameters: { stop: 5 }, executor });
  expect(state.message).toBe("All reference tasks succeeded.");
  expect(state.result).toBe(30);
});

it("mapped children are retried alone, and what follows them gets the results of the attempt that succeeded", async () => {
  const state = await retried.run({ executor });
  expect(state.kind).toBe("Success");
  expect(state.result.doubled).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i));
  expect(state.result.total).toBe(2450);
});
