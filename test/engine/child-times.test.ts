/** When children of mapped tasks became what they became. */
import { describe, expect, it } from "vitest";
import { callCode } from "../../src/engine/call-code.ts";
import { ChildCodes } from "../../src/engine/child-codes.ts";
import { createFlowRunner } from "../../src/engine/run-flow.ts";
import { createFlowFactory } from "../../src/flow/flow-factory.ts";
import { PAUSE, SKIP } from "../../src/flow/signals.ts";
import type { State } from "../../src/flow/state.ts";
import { task } from "../../src/flow/task.ts";
import { context } from "../../src/flow/context.ts";
import { EagerClock } from "./support/eager-clock.ts";
import { testDeps } from "./support/test-graph.ts";

const startMs = 1_000_000; // of the fake clock

function childHistory(state: State, index: number): readonly (readonly [string, number | undefined])[] {
  if (state.kind !== "Mapped") throw new Error(`it ended as ${state.kind}`);
  const history = state.mapStates.at(index)?.history ?? [];
  return history.map(({ kind, at }) => [kind, at && at.getTime() - startMs]);
}

describe("the history of a child", () => {
  const clock = new EagerClock();
  const flow = createFlowFactory(createFlowRunner({ ...testDeps, clock }));
  const work = task(
    "work",
    (x: number) => {
      if (x === 1 && context.taskRunCount < 3) throw new Error("again");
      if (x === 2 && !context.resumed) throw new PAUSE("may I?");
      if (x === 3) throw new SKIP("not this one");
      return x;
    },
    { maxRetries: 2, retryDelay: 7_000 },
  );
  const next = task("next", (x: number) => x);
  const run = flow("f", () => next.map(work.map([0, 1, 2, 3]))).run({ onPause: () => true });

  it("has the time of each change, of retries and pauses as well", async () => {
    const first = (await run).of({ node: 0 });
    expect(childHistory(first, 0)).toEqual([
      ["Pending", 0],
      ["Running", 0],
      ["Success", 0],
    ]);
    expect(childHistory(first, 1)).toEqual([
      ["Pending", 0],
      ["Running", 0],
      ["Retrying", 0],
      ["Running", 7_000],
      ["Retrying", 7_000],
      ["Running", 14_000],
      ["Success", 14_000],
    ]);
    expect(childHistory(first, 2).map(([kind]) => kind)).toEqual([
      "Pending",
      "Running",
      "Paused",
      "Running",
      "Success",
    ]);
  });

  it("says when a child that was not run was decided upon", async () => {
    const second = (await run).of({ node: 1 });
    expect(childHistory(second, 1).at(-1)).toEqual(["Success", 14_000]);
    const later = await flow("g", () => next.map(work.map([3]))).run();
    expect(childHistory(later.of({ node: 1 }), 0)).toEqual([
      ["Pending", 14_000],
      ["Skipped", 14_000],
    ]);
  });
});

describe("times", () => {
  it("take eight bytes for a child that begins and ends, and forget a beginning that did not count", () => {
    let nowMs = 5;
    const codes = new ChildCodes(2, { now: () => nowMs });
    codes.begin({ start: 0, end: 2 });
    codes.takeBack(1);
    nowMs = 6;
    codes.set(0, callCode.success);
    codes.begin({ start: 1, end: 2 });
    expect(codes.times.of(0, codes.at(0)).map(({ at }) => at.getTime())).toEqual([5, 6]);
    expect(codes.times.of(1, codes.at(1)).map(({ at }) => at.getTime())).toEqual([6]);
    codes.set(1, callCode.retrying);
    codes.set(1, callCode.running);
    codes.takeBack(1);
    expect(codes.times.of(1, codes.at(1)).map(({ code }) => code)).toEqual([callCode.running, callCode.retrying]);
    expect([codes.count(callCode.pending), codes.count(callCode.success)]).toEqual([1, 1]);
  });
});
