import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { FargateExecutor, LocalExecutor } from "../../src/index.ts";
import { approving, asking, changes, comingAgain, items, rescued, sifting } from "./flows/signals.ts";
import { describeOnBoth } from "./both-executors.ts";

const directory = mkdtempSync(join(tmpdir(), "cloudburst-signals-"));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  changes.length = 0;
});

describeOnBoth({ LocalExecutor, FargateExecutor }, (executor, name) => {
  it("children end as their signals say, and what follows them as well", async () => {
    const state = await sifting.run({ executor });
    expect(state.result.sifted).toEqual([0, null, "instead", "refused", 40]);
    expect(state.result.followed).toEqual([1, null, expect.any(String), expect.any(String), 41]);
    const sifted = state.of({ node: 0 });
    expect(sifted.kind === "Mapped" && sifted.mapStates.counts).toEqual({
      Success: 2,
      Skipped: 1,
      Failed: 1,
      TriggerFailed: 1,
    });
  });

  it("RETRY makes calls again that have no retries", async () => {
    const state = await comingAgain(mkdtempSync(join(directory, name))).run({ executor });
    expect(state.result).toEqual([1, 2, 3, 4]);
  });

  it("handlers run in the driver, and what they rescue is what follows gets", async () => {
    const state = await rescued.run({ executor });
    expect(state.result).toEqual([2, 0, 4]);
    expect(changes.filter((change) => change.startsWith("saved[1]"))).toEqual([
      "saved[1] Pending Running",
      "saved[1] Running Failed",
    ]);
  });

  it("a paused task goes on when somebody says so", async () => {
    expect((await approving.run({ executor })).kind).toBe("Paused");
    expect((await approving.run({ executor, onPause: () => true })).result).toBe(2);
  });

  it("a body that paused sees that it goes on, and the pause is no attempt", async () => {
    const state = await asking.run({ executor, onPause: () => true });
    expect(state.result).toEqual([
      [1, true, 1],
      [
        [0, false, 1],
        [1, true, 1],
        [2, true, 1],
      ],
    ]);
  });

  it("items of results, large ones among them, go on alone", async () => {
    expect((await items.run({ executor })).result).toEqual([6, 7, 4]);
  });
});
