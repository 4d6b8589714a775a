import { describe, expect, it } from "vitest";
import { type LaunchEvent, planLaunches } from "../../src/adaptive/launch-planner.ts";
import { addLimit, limitLine, limitOfRound, type LimitsTally } from "../../src/adaptive/limits-tally.ts";
import { createScaler, type RoundResult, scaleRound } from "../../src/adaptive/scale-round.ts";
import type { ScalingLimits, ScalingView } from "../../src/adaptive/scaling-view.ts";
import { limitsOf, viewOf } from "./views.ts";

const rate = { burst: 100, perSecond: 20 };
const options = { intervalMs: 1_000, waitCount: 3 };
const policy = { runId: "run", capacity: "spot", fallBack: false, rate } as const;

function roundOf(view: ScalingView, limits: ScalingLimits, state = createScaler(policy, 0), now = 0): RoundResult {
  return scaleRound(state, { view, limits, options, workers: () => [], moreWork: true }, now);
}

function limitOf(view: ScalingView, limits: ScalingLimits): string {
  return limitOfRound(roundOf(view, limits), limits, 0);
}

const manyCalls = viewOf({ work: { remainingCalls: 10_000, callMs: { meanMs: 60_000, tailMs: 60_000 } } });
const fewCalls = viewOf({ work: { remainingCalls: 1, callMs: { meanMs: 100, tailMs: 100 } } });

describe("what limits a round", () => {
  it("is the work where more workers would not pay, also below the minimum", () => {
    expect(limitOf(fewCalls, limitsOf({ minimum: 0, maximum: 10 }))).toBe("work");
    expect(limitOf(fewCalls, limitsOf({ minimum: 5, maximum: 10 }))).toBe("work");
    expect(limitOf(fewCalls, limitsOf({ minimum: 5, maximum: 5 }))).toBe("work");
  });

  it("is the maximum, or the number where that is fixed", () => {
    expect(limitOf(manyCalls, limitsOf({ minimum: 0, maximum: 20 }))).toBe("maximum");
    expect(limitOf(manyCalls, limitsOf({ minimum: 20, maximum: 20 }))).toBe("fixed number of workers");
  });

  it("is the launch rate while more is decided on than the account lets through", () => {
    expect(limitOf(manyCalls, limitsOf({ minimum: 0, maximum: 1_000 }))).toBe("launch rate");
  });

  it("is Spot while Spot refuses what was decided on", () => {
    const first = roundOf(manyCalls, limitsOf({ maximum: 50 }));
    let launches = first.state.launches;
    for (const action of first.actions) {
      if (action.kind !== "launch") continue;
      const failures = [{ reason: "Capacity is unavailable at this time", detail: undefined }];
      const answered: LaunchEvent = { kind: "answered", token: action.launch.token, started: 0, failures };
      launches = planLaunches(launches, answered, 0).state;
    }
    const limits = limitsOf({ maximum: 50 });
    const second = roundOf(manyCalls, limits, { ...first.state, launches }, 500);
    expect(limitOfRound(second, limits, 500)).toBe("Spot");
  });
});

describe("the line", () => {
  it("names what held longest, for what share of the time", () => {
    let tally: LimitsTally = new Map();
    expect(limitLine(tally)).toBeUndefined();
    tally = addLimit(addLimit(addLimit(tally, "work", 1_000), "fixed number of workers", 2_000), "work", 500);
    expect(limitLine(tally)).toBe(
      "fixed number of workers: more workers would have been worth their price (57 % of the time)",
    );
  });
});
