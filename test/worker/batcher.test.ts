import { describe, expect, it } from "vitest";
import { createBatcher } from "../../src/worker/batcher.ts";

describe("a batcher", () => {
  it("sends the first item at once and groups what comes while it is under way", async () => {
    const groups: string[][] = [];
    let release: () => void = () => undefined;
    const batcher = createBatcher<string>(async (items) => {
      groups.push([...items]);
      if (groups.length === 1) await new Promise<void>((resolve) => (release = resolve));
    }, 2);
    const sent = ["a", "b", "c", "d"].map((item) => batcher.add(item));
    expect(groups).toEqual([["a"]]);
    release();
    await Promise.all(sent);
    expect(groups).toEqual([["a"], ["b", "c"], ["d"]]);
  });

  it("tells those whose group failed, and goes on with the next", async () => {
    const batcher = createBatcher<string>(
      (items) => (items.includes("bad") ? Promise.reject(new Error("no")) : Promise.resolve()),
      1,
    );
    const outcomes = await Promise.allSettled([batcher.add("bad"), batcher.add("good")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    await batcher.idle();
  });
});
