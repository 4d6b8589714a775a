import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRunId } from "../../src/engine/run-id.ts";

describe("a run id", () => {
  it("has 26 lower-case letters and digits", () => {
    expect(createRunId(1_700_000_000_000, () => 0)).toBe("01hf7yat000000000000000000");
    expect(createRunId(1_700_000_000_000, () => 0.999999)).toBe("01hf7yat00zzzzzzzzzzzzzzzz");
  });

  it("sorts by time", () => {
    const ms = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        const ids = [createRunId(a, Math.random), createRunId(b, Math.random)];
        if (a !== b) expect([...ids].sort()[0]).toBe(ids[a < b ? 0 : 1]);
      }),
    );
  });
});
