import { describe, expect, test } from "vitest";
import { exponentialBackoff, resolveRetryPolicy } from "../../src/flow/retry-policy.ts";
import { task } from "../../src/flow/task.ts";

const half = (): number => 0.5;

describe("retry options", () => {
  test("go together as in Prefect, with its words", () => {
    const make = (options: object) => () => task("work", () => 1, options);
    expect(make({ maxRetries: 1 })).toThrow("`retryDelay` must be provided if maxRetries > 0");
    expect(make({ retryDelay: 5 })).toThrow("A `maxRetries` argument greater than 0 must be provided");
    expect(make({ retryOn: Error })).toThrow("A number of `maxRetries` must be provided if `retryOn` is set.");
    expect(make({})).not.toThrow();
    expect(make({ maxRetries: 0 })).not.toThrow();
  });

  test.each([
    [{ maxRetries: -1, retryDelay: 1 }, "maxRetries"],
    [{ maxRetries: 1.5, retryDelay: 1 }, "maxRetries"],
    [{ maxRetries: 1, retryDelay: "soon" }, "retryDelay"],
    [{ maxRetries: 1, retryDelay: -1 }, "retryDelay"],
    [{ maxRetries: 1, retryDelay: 1, retryOn: "Error" }, "retryOn"],
    [{ maxRetries: 1, retryDelay: 1, retryOn: [] }, "retryOn"],
  ])("that are wrong are refused: %j", (options, name) => {
    expect(() => resolveRetryPolicy("work", options as object)).toThrow(`${name} of task "work"`);
  });

  test("take a delay in milliseconds, as a duration, or as a function", () => {
    const delayOf = (retryDelay: number | string | ((attempt: number) => number)) =>
      resolveRetryPolicy("work", { maxRetries: 1, retryDelay })?.delayMs(2, half);
    expect([delayOf(250), delayOf("10s"), delayOf("1.5m"), delayOf((attempt) => attempt * 7)]).toEqual([
      250, 10_000, 90_000, 14,
    ]);
  });

  test("an exponential backoff doubles up to its maximum, less up to half of it by chance", () => {
    const sequence = (jitter: boolean, random: () => number) =>
      [1, 2, 3, 4].map((attempt) => exponentialBackoff({ base: 100, max: "300ms", jitter })(attempt, random));
    expect(sequence(false, half)).toEqual([100, 200, 300, 300]);
    expect(sequence(true, () => 0)).toEqual([50, 100, 150, 150]);
  });
});
