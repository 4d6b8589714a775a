import { describe, expect, it } from "vitest";
import { createPace, observePace, queuedByOthers } from "../../src/adaptive/other-runs.ts";

describe("the pace of other runs' messages", () => {
  it("is the time in flight for each message that has gone", () => {
    let pace = createPace(0);
    // Ten slots, each message takes 6 s: every 6 s ten go, after the first 6 s.
    for (let second = 0; second <= 60; second += 1) {
      pace = observePace(pace, { messages: 800 - 10 * Math.floor(second / 6), inFlight: 10 }, second * 1_000);
    }
    expect(queuedByOthers(pace)).toEqual({ messages: 700, messageMs: 6_000 });
  });

  it("is never taken to be longer than any message has been in flight", () => {
    let pace = observePace(createPace(0), { messages: 100, inFlight: 50 }, 0);
    expect(queuedByOthers(pace).messageMs).toBe(2_000);
    pace = observePace(pace, { messages: 99, inFlight: 50 }, 5_000);
    expect(queuedByOthers(pace).messageMs).toBe(5_000);
  });
});
