import { describe, expect, test } from "vitest";
import {
  allFailed,
  allFinished,
  allSuccessful,
  alwaysRun,
  anyFailed,
  anySuccessful,
  notAllSkipped,
  someFailed,
  someSuccessful,
  type Trigger,
  type UpstreamCounts,
} from "../../src/flow/trigger.ts";

function counts(successful: number, failed: number, skipped = 0): UpstreamCounts {
  return { total: successful + failed, successful, failed, skipped };
}

const NONE = counts(0, 0);
const GOOD = counts(2, 0);
const MIXED = counts(1, 1);
const BAD = counts(0, 2);

describe("a trigger", () => {
  test.each<[Trigger, boolean, boolean, boolean, boolean]>([
    // no children, all good, mixed, all bad
    [allSuccessful, true, true, false, false],
    [allFailed, true, false, false, true],
    [anySuccessful, false, true, true, false],
    [anyFailed, false, false, true, true],
    [allFinished, true, true, true, true],
    [alwaysRun, true, true, true, true],
    [notAllSkipped, true, true, false, false],
    [someSuccessful({ atLeast: 1 }), false, true, true, false],
    [someFailed({ atLeast: 1 }), false, false, true, true],
    [someFailed(), true, true, true, true],
  ])("$name runs by how the upstreams ended", (trigger, none, good, mixed, bad) => {
    expect([NONE, GOOD, MIXED, BAD].map((upstream) => trigger.test(upstream))).toEqual([none, good, mixed, bad]);
  });

  test("neither runs on success nor on failure of what was cancelled", () => {
    const cancelled = { total: 1, successful: 0, failed: 0, skipped: 0 };
    expect(allSuccessful.test(cancelled)).toBe(false);
    expect(allFailed.test(cancelled)).toBe(false);
  });

  test("says why it did not run", () => {
    expect(allSuccessful.message).toBe('Trigger was "all_successful" but some of the upstream tasks failed.');
    expect(allFailed.message).toBe('Trigger was "all_failed" but some of the upstream tasks succeeded.');
    expect(anySuccessful.message).toBe('Trigger was "any_successful" but none of the upstream tasks succeeded.');
    expect(anyFailed.message).toBe('Trigger was "any_failed" but none of the upstream tasks failed.');
    expect(notAllSkipped.message).toBe('Trigger was "not_all_skipped" but some of the upstream tasks failed.');
    expect(someFailed().message).toBe('Trigger was "some_failed" but thresholds were not met.');
    expect(someSuccessful().message).toBe('Trigger was "some_successful" but thresholds were not met.');
  });
});

test("notAllSkipped skips when all were skipped, and when there were no children", () => {
  expect(notAllSkipped.skips?.(counts(2, 0, 2))).toBe(true);
  expect(notAllSkipped.skips?.(NONE)).toBe(true);
  expect(notAllSkipped.skips?.(counts(2, 0, 1))).toBe(false);
});

describe("a threshold", () => {
  test("is a number of upstreams from 1 on, bounds included", () => {
    const trigger = someFailed({ atLeast: 1, atMost: 2 });
    expect([0, 1, 2, 3].map((failed) => trigger.test(counts(4, failed)))).toEqual([false, true, true, false]);
  });

  test("is a fraction of all upstreams below 1", () => {
    const trigger = someSuccessful({ atLeast: 0.5 });
    expect([1, 2, 3].map((successful) => trigger.test(counts(successful, 4 - successful)))).toEqual([
      false,
      true,
      true,
    ]);
    expect(someFailed({ atMost: 0 }).test(MIXED)).toBe(false);
  });

  test("that is none is refused", () => {
    const message = "atLeast of trigger some_failed must be a whole number of upstreams, or a fraction below 1, got";
    expect(() => someFailed({ atLeast: -1 })).toThrow(`${message} -1`);
    expect(() => someFailed({ atLeast: 1.5 })).toThrow(`${message} 1.5`);
    expect(() => someFailed({ atLeast: 3, atMost: 2 })).toThrow("must not be above atMost, got 3 and 2");
    expect(() => someFailed({ atLeast: 0.5, atMost: 2 })).not.toThrow();
    expect(() => someFailed({ atLeast: NaN })).toThrow(`${message} NaN`);
    expect(() => someFailed({ least: 1 } as object)).toThrow(
      'trigger some_failed has no option "least": allowed are atLeast, atMost',
    );
  });
});

test("the children of an empty list let all of nothing run, and none of nothing not", () => {
  const empty = counts(0, 0);
  const passes = [allSuccessful, allFailed, allFinished, someSuccessful(), someFailed({ atMost: 0.5 })];
  const refuses = [anySuccessful, anyFailed, someSuccessful({ atLeast: 1 }), someFailed({ atLeast: 1 })];
  expect(passes.map((trigger) => trigger.test(empty))).toEqual(passes.map(() => true));
  expect(refuses.map((trigger) => trigger.test(empty))).toEqual(refuses.map(() => false));
});
