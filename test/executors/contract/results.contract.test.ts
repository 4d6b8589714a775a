/** Values: what calls get, what they give, and what comes home. */
import { expect, it } from "vitest";
import { chain, flattened, mappedInside, nested, zipAndSum } from "../../e2e/flows/arithmetic.ts";
import { branches, mapped, resource } from "../../e2e/flows/control.ts";
import { imperative, retried } from "../../e2e/flows/imperative.ts";
import { constant, echo, large as largeResults, values } from "../../e2e/flows/values.ts";
import { describeOnEach } from "./each-executor.ts";
import { large, wide } from "./flows.ts";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describeOnEach((executor) => {
  it("zips mapped tasks, and reduces them", async () => {
    const state = await zipAndSum.run({ parameters: { n: 100 }, executor });
    expect(state.message).toBe("All reference tasks succeeded.");
    expect(state.result).toEqual({ total: 9900, incs: upTo(100).map((i) => i + 1) });
  });

  it("runs a chain of mapped tasks with an argument that they share", async () => {
    const state = await chain.run({ parameters: { n: 50 }, executor });
    expect(state.result).toEqual(upTo(50).map((i) => (i + 1) * 10));
  });

  it("flattens lists whose elements come from many calls", async () => {
    const state = await flattened.run({ parameters: { n: 30 }, executor });
    expect(state.result).toEqual(upTo(30).flatMap((n) => upTo(n).map((i) => i + 1)));
  });

  it("maps over nothing", async () => {
    const state = await wide.run({ parameters: { n: 0 }, executor });
    expect(state.result).toEqual({ doubled: [], total: 0, one: 1 });
  });

  it("maps over ten thousand", async () => {
    const state = await wide.run({ parameters: { n: 10_000 }, executor });
    const doubled = upTo(10_000).map((i) => 2 * (i + 1));
    expect(state.result).toEqual({ doubled, total: doubled.reduce((a, b) => a + b), one: 10_001 });
  });

  it("resolves handles inside objects and lists, mapped ones too", async () => {
    expect((await nested.run({ executor })).result).toEqual({ text: "two+three=5", list: 12 });
    expect((await mappedInside.run({ executor })).result).toEqual(["a+x=2", "b+x=3"]);
  });

  it("carries every kind of value out and back", async () => {
    expect((await echo.run({ executor })).result).toEqual(values);
  });

  it("carries large constants, and large results from call to call and home", async () => {
    expect((await constant.run({ executor })).result).toEqual([0, 0, 7]);
    expect((await largeResults.run({ executor })).result).toEqual([300_000, 10, 400_000]);
    const { rows, text, texts } = (await large.run({ executor })).result;
    expect(rows).toEqual(upTo(20_000).map((i) => 2 * i));
    expect(text === "ü".repeat(1_500_000)).toBe(true);
    expect(texts.map(({ length }) => length)).toEqual([100_000, 1, 200_000]);
  });

  it("passes values that it does not keep itself when it brings others home", async () => {
    const own = [1, { a: [2] }, undefined, "x"];
    expect(await executor.wait(own)).toEqual(own);
  });

  it("takes branches, for each child where they are mapped, and uses resources", async () => {
    const state = await branches.run({ parameters: { n: 4 }, executor });
    expect(state).toMatchObject({ kind: "Success", result: { merged: 2, never: null } });
    expect((await mapped.run({ executor })).result).toEqual({
      merged: [11, 1, 13, 2],
      told: [null, "plain 7", null, "plain 7"],
      total: 27,
      good: [2, 3],
    });
    expect(await resource.run({ executor })).toMatchObject({ kind: "Success", result: "plain 1" });
  });

  it("runs flows in the imperative spelling, and retries children alone", async () => {
    expect((await imperative.run({ parameters: { stop: 5 }, executor })).result).toBe(30);
    const { kind, result } = await retried.run({ executor });
    expect(kind).toBe("Success");
    expect(result).toEqual({ doubled: upTo(50).map((i) => 2 * i), total: 2450 });
  });
});
