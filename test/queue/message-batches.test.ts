import fc from "fast-check";
import { expect, it } from "vitest";
import { groupBodies, groupReceipts } from "../../src/queue/message-batches.ts";

const mebibyte = 1_048_576;

it("keeps every body in order, in groups of at most 10 and 1 MiB, none of which could take the next body too", () => {
  const body = fc.nat({ max: 400_000 }).map((length) => "x".repeat(length));
  fc.assert(
    fc.property(fc.array(body, { maxLength: 30 }), (bodies) => {
      const groups = groupBodies(bodies);
      expect(groups.flat()).toEqual(bodies);
      groups.forEach((group, index) => {
        const bytes = group.join("").length;
        expect(group.length).toBeLessThanOrEqual(10);
        expect(bytes).toBeLessThanOrEqual(mebibyte);
        const next = groups[index + 1]?.[0];
        if (next !== undefined && group.length < 10) expect(bytes + next.length).toBeGreaterThan(mebibyte);
      });
    }),
  );
});

it("counts bytes of UTF-8, not characters", () => {
  const half = "ü".repeat(mebibyte / 4);
  expect(groupBodies([half, half, "x"]).map((group) => group.length)).toEqual([2, 1]);
});

it("refuses a body that no request can carry, and says where to put it", () => {
  expect(() => groupBodies(["x".repeat(mebibyte + 1)])).toThrow(
    "a queue message must have at most 1048576 bytes, got 1048577 (put large content into the store and send its key)",
  );
});

it("groups receipts by ten", () => {
  const receipts = Array.from({ length: 21 }, (_, index) => `r${index}`);
  expect(groupReceipts(receipts).map((group) => group.length)).toEqual([10, 10, 1]);
  expect(groupReceipts([])).toEqual([]);
});
