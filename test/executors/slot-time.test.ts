import { describe, expect, it } from "vitest";
import { SlotTime } from "../../src/executors/slot-time.ts";

describe("what a chunk takes besides its calls", () => {
  it("is the time for which chunks held slots, less the time in calls", () => {
    const time = new SlotTime(0);
    time.out(4, 0);
    time.joined("a", 2, 1_000); // nothing was held before
    time.joined("b", 1, 1_500);
    time.out(1, 2_000);
    time.out(0, 2_600);
    time.left("a", 9_000);
    // 2 x 500 + 3 x 500 + 1 x 600
    expect(time.perChunkMs(4, 2_700)).toBeCloseTo(400 / 4, 9);
  });

  it("counts a slot that waits for chunks not at all, and no slot of a worker that has left", () => {
    const time = new SlotTime(0);
    time.joined("a", 8, 0);
    time.out(1, 0);
    time.left("a", 100);
    time.out(0, 5_000);
    expect(time.perChunkMs(1, 100)).toBe(0);
  });

  it("takes a second hello of a worker for the same slots, and is not known before a chunk has ended", () => {
    const time = new SlotTime(0);
    time.joined("a", 2, 0);
    time.joined("a", 2, 0);
    time.out(9, 0);
    time.out(0, 100);
    expect(time.perChunkMs(1, 0)).toBe(200);
    expect(time.perChunkMs(0, 0)).toBeUndefined();
  });
});
