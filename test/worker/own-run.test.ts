import { expect, it } from "vitest";
import { createOwnRun } from "../../src/worker/own-run.ts";

it("gives each chunk a signal of its own, so that none has a listener for each slot", async () => {
  const runs = createOwnRun();
  const chunk = { runId: "run", notices: "notices" };
  const visits = [await runs.enter(chunk), await runs.enter(chunk)];
  const signals = visits.map((visit) => (typeof visit === "object" ? visit.signal : undefined));
  expect(signals[0]).toBeInstanceOf(AbortSignal);
  expect(signals[0]).not.toBe(signals[1]);
});
