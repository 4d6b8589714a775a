import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { inParallel } from "../../src/queue/in-parallel.ts";

it("never runs more at once than the limit, and returns the results in order", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel([5, 1, 4, 2, 3], 2, undefined, async (turns) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    running -= 1;
    return turns * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it("the first failure aborts and awaits the siblings, starts nothing more, and is thrown", async () => {
  const log: string[] = [];
  const work = async (item: string, signal: AbortSignal): Promise<void> => {
    log.push(`start ${item}`);
    if (item === "bad") throw new Error("no");
    await nextTurn();
    log.push(`end ${item}, aborted: ${signal.aborted}`);
  };
  await expect(inParallel(["good", "bad", "never"], 2, undefined, work)).rejects.toThrow("no");
  expect(log).toEqual(["start good", "start bad", "end good, aborted: true"]);
});

it("the caller's abort is thrown with its reason", async () => {
  const leaving = new AbortController();
  const work = async (): Promise<void> => leaving.abort(new Error("enough"));
  await expect(inParallel([1, 2], 1, leaving.signal, work)).rejects.toThrow("enough");
});
